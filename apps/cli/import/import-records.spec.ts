import fc from '../../../test/support/seeded-fast-check.js';
import { BSON } from 'mongodb';
import { bsonToJson, type JsonValue } from '#libs/json';
import { arbitraryJsonText } from '../../../test/support/arbitrary-json.js';
import { importRecords } from './import-records.js';
import { ImportFormatError } from './record-text.js';

/** A record as `part number value`, or `part number ! problem`; a value as its text. */
async function records(...chunks: (string | Buffer)[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { part, number, content } of importRecords(streamOf(chunks))) {
    found.push(`${part} ${number} ${'problem' in content ? `! ${content.problem}` : textOf(content.value)}`);
  }
  return found;
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream is asynchronous, whoever makes it
async function* streamOf(chunks: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk as string);
}

function textOf(value: JsonValue): string {
  return bsonToJson(BSON.serialize({ v: value }))
    .toString()
    .slice('{"v":'.length, -1);
}

const PARTS = ['users', 'gpu', 'nodes', 'jobs'];
const record = arbitraryJsonText.map((text) => `{"r":${text}}`);
/** Records of parts, each part once. */
const importOf = fc.uniqueArray(fc.tuple(fc.constantFrom(...PARTS), fc.array(record, { minLength: 1, maxLength: 4 })), {
  selector: ([part]) => part,
  minLength: 1,
});
const documentText = (parts: [string, string[]][]): string =>
  `{${parts.map(([part, items]) => ` "${part}" : [${items.join(' ,\n')} ]`).join(',')}}\n`;
const linesText = (parts: [string, string[]][]): string =>
  parts.flatMap(([part, items]) => items.map((item) => `{"${part}": ${onOneLine(item)}}\n`)).join('');
/** White space outside of strings may be line ends. */
const onOneLine = (text: string): string => text.replaceAll(/[\n\r]/g, ' ');

/** The same bytes in pieces. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text);
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

describe('importRecords', () => {
  it('gives the same records wherever the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(importOf, fc.boolean(), fc.array(fc.nat(), { maxLength: 8 }), async (parts, asLines, places) => {
        const text = asLines ? linesText(parts) : documentText(parts);
        expect(await records(...cut(text, places))).toEqual(await records(text));
      }),
      { numRuns: 100 },
    );
  });

  it('gives the same records byte by byte', async () => {
    await fc.assert(
      fc.asyncProperty(importOf, fc.boolean(), async (parts, asLines) => {
        const bytes = Buffer.from(asLines ? linesText(parts) : documentText(parts));
        expect(await records(...Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(await records(bytes));
      }),
      { numRuns: 15 },
    );
  });

  it('gives the same records of a document and of lines, numbered in their part', async () => {
    await fc.assert(
      fc.asyncProperty(importOf, async (parts) => {
        const expected = parts.flatMap(([part, items]) => items.map((_, at) => `${part} ${at + 1}`));
        const fromDocument = await records(documentText(parts));
        expect(fromDocument.map((each) => each.split(' ', 2).join(' '))).toEqual(expected);
        expect(await records(linesText(parts))).toEqual(fromDocument);
        expect(await records(linesText(parts).trimEnd())).toEqual(fromDocument);
        expect(await records(linesText(parts).replaceAll('\n', '\r\n\r\n'))).toEqual(fromDocument);
      }),
      { numRuns: 100 },
    );
  });

  it('loses no other record to a broken one', async () => {
    // Brackets and quotes that close: what is between them may be anything.
    const broken = fc.constantFrom(
      '{"a" 1}',
      '{a:1}',
      '{"a":NaN}',
      '{"a":1,}',
      '{"a":"\\x"}',
      '{"a":01}',
      '{"\\u0000":1}',
      '[1',
      '{]',
    );
    const good = fc.nat(99).map((n) => `{"n":${n}}`);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            good,
            broken.filter((text) => !/^\[1$/.test(text)),
          ),
          { minLength: 1 },
        ),
        async (items) => {
          const found = await records(`{"jobs":[${items.join(',')}]}`);
          expect(found).toHaveLength(items.length);
          items.forEach((item, at) => {
            if (/^\{"n":\d+\}$/.test(item)) expect(found[at]).toBe(`jobs ${at + 1} ${item}`);
            else expect(found[at]).toMatch(new RegExp(`^jobs ${at + 1} ! `));
          });
        },
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(good, broken), { minLength: 1 }), async (items) => {
        // The first line shows that there is one record a line.
        const found = await records(['{"jobs":{"n":0}}', ...items.map((item) => `{"jobs":${item}}`)].join('\n'));
        const goods = items.filter((item) => /^\{"n":\d+\}$/.test(item));
        expect(found.filter((each) => each.startsWith('jobs')).map((each) => each.split(' ')[2])).toEqual([
          '{"n":0}',
          ...goods,
        ]);
        items.forEach((item, at) => {
          if (!goods.includes(item)) expect(found[at + 1]).toMatch(new RegExp(`^line ${at + 2} ! `));
        });
      }),
    );
  });

  it.each<[string, (string | Buffer)[], string[]]>([
    ['nothing', [], []],
    ['white space', [' \n'], []],
    ['an empty object', ['{}'], []],
    ['empty parts', ['{"jobs":[],"nodes":[ ]}'], []],
    [
      'brackets and quotes in strings',
      ['{"jobs":[{"a":"]}{[\\"\\\\"},{"b":"\\\\\\""}]}'],
      ['jobs 1 {"a":"]}{[\\"\\\\"}', 'jobs 2 {"b":"\\\\\\""}'],
    ],
    [
      'values that are no objects',
      ['{"jobs":[1,"a,]",null,[2,[3]],true]}'],
      ['jobs 1 1', 'jobs 2 "a,]"', 'jobs 3 null', 'jobs 4 [2,[3]]', 'jobs 5 true'],
    ],
    ['a part that is no list', ['{"gpu":null,"jobs":[{}]}'], ['gpu 1 null', 'jobs 1 {}']],
    [
      'several documents',
      ['{"jobs":[{"a":1}]}\n{"jobs":[{"a":2}],"nodes":[{}]}'],
      ['jobs 1 {"a":1}', 'jobs 2 {"a":2}', 'nodes 1 {}'],
    ],
    ['a part given twice', ['{"jobs":[{"a":1}],"jobs":[{"a":2}]}'], ['jobs 1 {"a":1}', 'jobs 2 {"a":2}']],
    ['lines of several parts', ['{"jobs":{},"nodes":{}}\n{"nodes":{}}'], ['jobs 1 {}', 'nodes 1 {}', 'nodes 2 {}']],
    [
      'a line with a list',
      ['{"jobs":{"a":1}}\n{"jobs":[{"a":2},{"a":3}]}'],
      ['jobs 1 {"a":1}', 'jobs 2 {"a":2}', 'jobs 3 {"a":3}'],
    ],
    [
      'a line that is no object',
      ['{"jobs":{}}\n[]\n{"jobs":{}}'],
      ['jobs 1 {}', 'line 2 ! it must be an object such as {"jobs": {…}}', 'jobs 2 {}'],
    ],
    [
      'a cut last line',
      ['{"jobs":{}}\n{"jobs":{"a'],
      ['jobs 1 {}', 'line 2 ! it is not JSON: it ends inside a string'],
    ],
    ['an unknown part', ['{"keys":[{}]}'], ['keys 1 {}']],
    [
      'bytes that are no UTF-8',
      [Buffer.from('{"jobs":[{"a":"\u00ff"},{"b":1}]}', 'latin1')],
      ['jobs 1 ! its bytes are not valid UTF-8', 'jobs 2 {"b":1}'],
    ],
    [
      'a line that is no UTF-8',
      ['{"jobs":{}}\n', Buffer.from('{"jobs":{"a":"\u00ff"}}\n', 'latin1')],
      ['jobs 1 {}', 'line 2 ! its bytes are not valid UTF-8'],
    ],
  ])('reads %s', async (_, chunks, expected) => {
    expect(await records(...chunks)).toEqual(expected);
  });

  it.each([
    ['[]', '"[" at byte 1 where an object such as {"jobs": […]} should start'],
    ['jobs', '"j" at byte 1 where an object'],
    ['{jobs:[]}', '"j" at byte 2 where the name of a part should be'],
    ['{"jobs"[]}', '"[" at byte 8 where a colon should be'],
    ['{"jobs":[{}{}]}', '"{" at byte 12 where a comma or ] should be, after jobs, at record 1'],
    ['{"jobs":[] "nodes":[]}', '""" at byte 12 where a comma or } should be'],
    ['{"jobs":[{}', 'the input ends in the middle of jobs, at record 1'],
    ['{"jobs":[{"a":"', 'the input ends in the middle of jobs, at record 1'],
    ['{"jobs":[', 'the input ends in the middle of jobs'],
    ['{', 'the input ends in the middle of its first part'],
    [`{"${'x'.repeat(101)}":[]}`, 'the name of a part is too long'],
    ['\u0000', 'byte 0x0 at byte 1'],
  ])('says of %.30s that it is no import: %s', async (text, message) => {
    await expect(records(text)).rejects.toThrow(ImportFormatError);
    await expect(records(text)).rejects.toThrow(message);
    await expect(records(...Array.from(text))).rejects.toThrow(message);
  });

  it('takes a byte order mark, as Windows writes it', async () => {
    expect(await records('\ufeff{"jobs":[{}]}')).toEqual(['jobs 1 {}']);
    expect(await records('\ufeff{"jobs":{}}\n{"jobs":{}}')).toEqual(['jobs 1 {}', 'jobs 2 {}']);
  });

  it('throws nothing but ImportFormatError, whatever comes', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', '\n', ' ', 'jobs', '"jobs":', '1', '{"jobs":{'),
      }),
    );
    await fc.assert(
      fc.asyncProperty(text, async (input) => {
        const [whole, pieces] = await Promise.all([outcome(records(input)), outcome(records(...Array.from(input)))]);
        expect(pieces).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  it('holds of a record no more than it may be, names it, and reads on', async () => {
    const chunk = 'x'.repeat(1024 * 1024);
    const large = ['{"a":"', ...new Array<string>(17).fill(chunk), '"}'];
    expect(await records('{"jobs":[{"a":1},', ...large, ',{"a":2}]}')).toEqual([
      'jobs 1 {"a":1}',
      'jobs 2 ! it is larger than 16 MiB',
      'jobs 3 {"a":2}',
    ]);
    expect(await records('{"jobs":{"a":1}}\n{"jobs":', ...large, '}\n{"jobs":{"a":2}}')).toEqual([
      'jobs 1 {"a":1}',
      'line 2 ! it is larger than 16 MiB',
      'jobs 2 {"a":2}',
    ]);
  });

  it('reads a record as soon as its bytes are there', async () => {
    let given = 0;
    const chunks = ['{"jobs":[{"a":1}', ',{"a":2}', ']}'];
    // eslint-disable-next-line @typescript-eslint/require-await -- a stream is asynchronous, whoever makes it
    async function* counted(): AsyncGenerator<Buffer> {
      for (const chunk of chunks) {
        given += 1;
        yield Buffer.from(chunk);
      }
    }
    const seen: number[] = [];
    for await (const { number } of importRecords(counted())) seen.push(number, given);
    expect(seen).toEqual([1, 1, 2, 2]);
  });
});

/** The records, or the refusal; anything else thrown is thrown on. */
async function outcome(reading: Promise<string[]>): Promise<string[] | string> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ImportFormatError) return error.message;
    throw error;
  }
}
