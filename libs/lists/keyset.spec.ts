import fc from '../../test/support/seeded-fast-check.js';
import type { Document } from 'mongodb';
import { behind, keyProjection, type ListOrder, positionOf } from './keyset.js';

type Value = string | number | Date | null | undefined;

/** Strings whose order by UTF-8, which is MongoDB's, is another one than JavaScript's among them. */
const texts = fc.constantFrom('', 'a', 'a ', 'ab', 'b', 'é', '\uff5e', '😀');
const kinds: readonly fc.Arbitrary<Value>[] = [
  fc.integer({ min: -2, max: 2 }),
  texts,
  fc.constantFrom(-8.64e15, 0, 1, 1.7e12).map((time) => new Date(time)),
];

interface ListOfDocuments {
  order: ListOrder;
  documents: Document[];
  /** Positions where a document has been, or none ever was. */
  elsewhere: Document[];
}

/** Lists as they are here: what is descending may be null or not there, and the last key is ascending. */
const arbitraryList: fc.Arbitrary<ListOfDocuments> = fc
  .array(fc.tuple(fc.constantFrom<(1 | -1)[]>(1, -1), fc.constantFrom(...kinds), fc.boolean()), { maxLength: 3 })
  .chain((keys) => {
    const columns = [...keys, [1 as const, fc.integer({ min: 0, max: 3 }), false] as const].map(
      ([direction, kind, isNested], index) => ({
        path: isNested ? `part${index}.key` : `key${index}`,
        direction,
        values: direction === -1 ? fc.oneof(kind, fc.constantFrom(null, undefined)) : kind,
      }),
    );
    const order = Object.fromEntries(columns.map(({ path, direction }) => [path, direction]));
    const document = fc
      .tuple(...columns.map(({ values }) => values))
      .map((row) => row.reduce<Document>((all, value, index) => put(all, columns[index]?.path ?? '', value), {}));
    const distinct = fc.uniqueArray(document, {
      maxLength: 12,
      comparator: (one, other) => compareDocuments(order, one, other) === 0,
    });
    return fc.record({
      order: fc.constant(order),
      documents: distinct,
      elsewhere: fc.array(document, { maxLength: 3 }),
    });
  });

describe('behind', () => {
  it('selects exactly the documents that come after a position, each by one branch alone', () => {
    fc.assert(
      fc.property(arbitraryList, ({ order, documents, elsewhere }) => {
        for (const end of [...documents, ...elsewhere]) {
          const { $or: branches = [] } = behind(order, positionOf(order, end));
          const selected = documents.map((each) => branches.filter((branch) => passes(each, branch)).length);
          const after = documents.map((each) => (compareDocuments(order, each, end) > 0 ? 1 : 0));
          expect(selected).toEqual(after);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('walks a list from its first document to its last, page by page', () => {
    fc.assert(
      fc.property(arbitraryList, fc.integer({ min: 1, max: 4 }), ({ order, documents }, limit) => {
        const sorted = documents.toSorted((one, other) => compareDocuments(order, one, other));
        const walked: Document[] = [];
        for (let page = sorted.slice(0, limit); page.length > 0;) {
          walked.push(...page);
          expect(walked.length).toBeLessThanOrEqual(sorted.length);
          const last = page.at(-1) ?? {};
          page = sorted.filter((each) => passes(each, behind(order, positionOf(order, last)))).slice(0, limit);
        }
        expect(walked).toEqual(sorted);
      }),
    );
  });

  it('is about ranges of the index of the order alone', () => {
    const order = { 'derived.submitted': -1, 'slurm.cluster_name': 1 } as const;
    const submitted = new Date(5);
    expect(behind(order, [submitted, 'mila'])).toEqual({
      $or: [
        { 'derived.submitted': { $lt: submitted } },
        { 'derived.submitted': null },
        { 'derived.submitted': submitted, 'slurm.cluster_name': { $gt: 'mila' } },
      ],
    });
    expect(behind(order, [null, 'mila'])).toEqual({
      $or: [{ 'derived.submitted': null, 'slurm.cluster_name': { $gt: 'mila' } }],
    });
  });
});

describe('positionOf', () => {
  const order = { 'a.b': -1, c: 1 } as const;

  it.each<[Document, unknown[]]>([
    [{ c: 'x', a: { b: 5, c: 6 } }, [5, 'x']],
    [{ a: { b: null }, c: 0 }, [null, 0]],
    [{ a: {}, c: 1 }, [undefined, 1]],
    [{ a: null, c: 1 }, [undefined, 1]],
    [{ a: 'text', c: 1 }, [undefined, 1]],
    [{}, [undefined, undefined]],
  ])('of %j', (document, position) => {
    expect(positionOf(order, document)).toEqual(position);
  });

  it('can be read from what the projection leaves of a document', () => {
    expect(keyProjection(order)).toEqual({ _id: 0, 'a.b': 1, c: 1 });
  });
});

/** How MongoDB orders: by type (null, numbers, strings, dates), then by value; what is not there is as null. */
function compareDocuments(order: ListOrder, one: Document, other: Document): number {
  for (const [path, direction] of Object.entries(order)) {
    const difference = compareValues(at(one, path), at(other, path)) * direction;
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareValues(one: Value, other: Value): number {
  if (typeRank(one) !== typeRank(other)) return typeRank(one) - typeRank(other);
  if (typeof one === 'string') return Buffer.compare(Buffer.from(one), Buffer.from(String(other)));
  return Number(one ?? 0) - Number(other ?? 0);
}

function typeRank(value: Value): number {
  if (value === null || value === undefined) return 0;
  if (value instanceof Date) return 3;
  return typeof value === 'number' ? 1 : 2;
}

/** As the server matches: a comparison finds values of its own type alone, and null what is not there, too. */
function passes(document: Document, filter: Document): boolean {
  return Object.entries(filter).every(([path, condition]) => {
    if (path === '$or') return (condition as Document[]).some((branch) => passes(document, branch));
    const value = at(document, path);
    if (condition === null || typeof condition !== 'object' || condition instanceof Date) {
      return compareValues(value, condition as Value) === 0;
    }
    const [operator, bound] = Object.entries(condition as Record<string, Value>)[0] ?? [];
    if (typeRank(value) !== typeRank(bound) || typeRank(bound) === 0) return false;
    if (operator === '$gt') return compareValues(value, bound) > 0;
    if (operator === '$lt') return compareValues(value, bound) < 0;
    throw new Error(`${String(operator)} is not expected in a keyset`);
  });
}

function at(document: Document, path: string): Value {
  const [part = '', key] = path.split('.');
  const value: unknown = document[part];
  return (key === undefined ? value : (value as Document | undefined)?.[key]) as Value;
}

function put(document: Document, path: string, value: Value): Document {
  if (value === undefined) return document;
  const [part = '', key] = path.split('.');
  return { ...document, [part]: key === undefined ? value : { [key]: value } };
}
