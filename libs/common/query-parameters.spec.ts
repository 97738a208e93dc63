import { IsDefined, IsIn, IsOptional } from 'class-validator';
import fc from '../../test/support/seeded-fast-check.js';
import { Problem } from './problem.js';
import { QueryParameter, readQuery, singleValues } from './query-parameters.js';

class NameQuery {
  @QueryParameter({ list: true, description: 'Clusters.' })
  cluster_name?: string[];
}

class TestQuery extends NameQuery {
  @QueryParameter({ required: true, description: 'A name.' })
  @IsDefined({ message: 'is needed: such as name=x' })
  name!: string;

  @QueryParameter({ aliasOf: 'name', description: 'Another name for `name`.' })
  node_name?: string;

  @QueryParameter({ list: true, description: 'Kinds.' })
  @IsOptional()
  @IsIn(['a', 'b'], { each: true, message: 'takes a, b' })
  kind?: string[];
}

const read = (queryString: string) => readQuery(TestQuery, queryString);

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem && error.status === 400) return error.detail;
    throw error;
  }
  throw new Error('it was taken');
}

describe('readQuery', () => {
  it('gives an instance of the class with what was sent', () => {
    const query = readQuery(TestQuery, 'name=cn-a002&cluster_name=mila,beluga&kind=b');
    expect(query).toBeInstanceOf(TestQuery);
    expect(query).toEqual({ name: 'cn-a002', cluster_name: ['mila', 'beluga'], kind: ['b'] });
  });

  it('leaves out what was not sent', () => {
    expect(read('name=x')).toEqual({ name: 'x' });
    expect(readQuery(NameQuery, '')).toEqual({});
  });

  it.each(['node_name=x', 'name=x&node_name=x', 'node_name=x&name=x'])('takes an alias: %s', (queryString) => {
    expect(read(queryString)).toEqual({ name: 'x' });
  });

  it.each(['name=x&node_name=y', 'node_name=x&name=y'])(
    'refuses two names with different values: %s',
    (queryString) => {
      expect(refusal(() => read(queryString))).toBe(
        'node_name and name are two names of one parameter, but were given different values.',
      );
    },
  );

  it('takes each item of a list once', () => {
    expect(read('name=x&cluster_name=a,b,a').cluster_name).toEqual(['a', 'b']);
    expect(read('name=x&cluster_name=a%2Cb').cluster_name).toEqual(['a', 'b']);
  });

  it.each([',', 'a,', ',a', 'a,,b'])('refuses an empty item in a list: %s', (value) => {
    expect(refusal(() => read(`name=x&cluster_name=${value}`))).toBe(
      `cluster_name: has an empty item between its commas (${JSON.stringify(value)}).`,
    );
  });

  it('splits no value that is not a list', () => {
    expect(read('name=a,b').name).toBe('a,b');
  });

  it.each([
    ['', 'name: is needed: such as name=x.'],
    ['name=', 'name: was given, but is empty. Leave it out to not use it.'],
    ['name', 'name: was given, but is empty. Leave it out to not use it.'],
    ['node_name=', 'node_name: was given, but is empty. Leave it out to not use it.'],
    ['name=x&name=x', 'name: was given more than once.'],
    ['name=x&name=y', 'name: was given more than once.'],
    ['node_name=x&node_name=y', 'node_name: was given more than once.'],
    ['name[$ne]=x', 'name: takes a plain value, not an object or a list ("name[$ne]").'],
    ['name%5B%24ne%5D=x', 'name: takes a plain value, not an object or a list ("name[$ne]").'],
    ['name[]=x', 'name: takes a plain value, not an object or a list ("name[]").'],
    ['name[=x', 'name: takes a plain value, not an object or a list ("name[").'],
    ['name=x%00', 'name: holds a NUL character.'],
    ['name=%ff', '"name": its bytes are not valid UTF-8.'],
    ['name=x&kind=a,c', 'kind: takes a, b.'],
    ['name=x&cluster_name=', 'cluster_name: was given, but is empty. Leave it out to not use it.'],
  ])('%j is refused: %s', (queryString, detail) => {
    expect(refusal(() => read(queryString))).toBe(detail);
  });

  it.each([
    'zip',
    'zip=',
    'zip=1&zip=2',
    'zip[$ne]=1',
    'zip=%00',
    'Name=y',
    '$where=1',
    '__proto__=y',
    '=1',
    'toString=',
  ])('ignores what it does not know: %s', (queryString) => {
    expect(read(`${queryString}&name=x`)).toEqual({ name: 'x' });
  });

  it('gives nothing but plain texts and lists of them, and throws nothing but 400', () => {
    const part = fc.string({ unit: fc.constantFrom(...'name=&,[]$%5Bkindb+\u00e9'.split('')), maxLength: 12 });
    const queryString = fc
      .array(fc.oneof(part, fc.constantFrom('name=x', 'node_name=x', 'kind=a', 'cluster_name=m', 'name[$ne]=1')))
      .map((parts) => parts.join('&'));
    fc.assert(
      fc.property(queryString, (text) => {
        let query;
        try {
          query = read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
          expect((error as Problem).status).toBe(400);
          return;
        }
        expect(query.name).toMatch(/./);
        for (const item of [query.cluster_name ?? [], query.kind ?? []].flat()) expect(item).toMatch(/./);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('singleValues', () => {
  it('takes the known out of what was sent', () => {
    const pairs: [string, string][] = [
      ['a', '1'],
      ['x', '2'],
      ['x', '3'],
      ['b', '4'],
    ];
    expect([...singleValues(pairs, new Set(['a', 'b', 'c']))]).toEqual([
      ['a', '1'],
      ['b', '4'],
    ]);
  });
});
