import fc from '../../test/support/seeded-fast-check.js';
import { JsonListSplitter, LARGEST_ELEMENT } from './json-list-splitter.js';
import { SlurmFormatError } from './slurm-format-error.js';

interface Taken {
  elements: unknown[];
  members: Record<string, unknown>;
  tooLarge: number;
}

function split(text: string, cuts: readonly number[] = [], asked: readonly string[] = []): Taken {
  const taken: Taken = { elements: [], members: {}, tooLarge: 0 };
  const splitter = new JsonListSplitter('jobs', asked, {
    element: (value) => taken.elements.push(value),
    elementTooLarge: () => (taken.tooLarge += 1),
    member: (name, value) =>
      Object.defineProperty(taken.members, name, { value, enumerable: true, configurable: true }),
  });
  const bytes = Buffer.from(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    // What is handed over is the caller's again afterwards.
    const piece = Uint8Array.from(bytes.subarray(from, end));
    splitter.push(piece);
    piece.fill(0x7d);
    from = end;
  }
  splitter.finish();
  return taken;
}

/** Documents as any writer of JSON lays them out. */
const document = fc
  .record({
    before: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
    elements: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.dictionary(fc.string(), fc.jsonValue()) },
        { weight: 1, arbitrary: fc.jsonValue() },
      ),
    ),
    after: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }),
    space: fc.constantFrom('', ' ', '  ', '\t', '    '),
    perLine: fc.boolean(),
  })
  .map(({ before, elements, after, space, perLine }) => {
    delete before['jobs'];
    delete after['jobs'];
    const members = Object.entries(before).map(
      ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value, null, space)}`,
    );
    const list = perLine
      ? `"jobs": [\n${elements.map((element) => JSON.stringify(element)).join(',\n')}\n]`
      : JSON.stringify({ jobs: elements }, null, space).slice(1, -1);
    const others = Object.entries(after).map(
      ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value, null, space)}`,
    );
    return `{${[...members, list, ...others].join(',\n')}}`;
  });

const cuts = fc.array(fc.nat(100_000), { maxLength: 20 });

describe('taking a document apart', () => {
  it('gives what JSON.parse makes of the whole, however it is laid out and cut', () => {
    fc.assert(
      fc.property(document, cuts, (text, at) => {
        const { jobs, ...members } = JSON.parse(text) as { jobs: unknown[] };
        expect(split(text, at)).toEqual({ elements: jobs, members, tooLarge: 0 });
      }),
      { numRuns: 300 },
    );
  });

  it.each(['', ' ', '   '])('cut behind each byte, indented by %j', (space) => {
    const text = JSON.stringify({ a: [{}], jobs: [{ b: '}\\"', c: { d: [] } }, {}, 7, null], e: 'é火🚀' }, null, space);
    const whole = split(text);
    expect(whole.elements).toHaveLength(4);
    const every = Array.from({ length: Buffer.byteLength(text) }, (_, at) => at);
    expect(split(text, every)).toEqual(whole);
    for (const at of every) expect(split(text, [at])).toEqual(whole);
  });

  it.each([
    ['an element that ends deeper than it begins', '{"jobs": [\n  {\n"a": {\n  }\n}\n]}'],
    ['braces that never stand alone', '{"jobs": [\n  {\n"a": 1}, {\n"b": 2}]}'],
    ['one line an element', '{"jobs": [\n{"a": {"b": [1]}},\n{"a": 2}\n]\n}'],
    ['carriage returns', '{"jobs": [\r\n  {\r\n    "a": 1\r\n  }\r\n]}'],
    ['white space all over', ' \n{ "jobs"\n:\n[ \n { \n "a" : 1 \n } \n , \n { } ] \n } \n\n'],
  ])('%s', (_, text) => {
    expect(split(text).elements).toEqual((JSON.parse(text) as { jobs: unknown[] }).jobs);
  });

  it('refuses every beginning of a document', () => {
    for (const space of ['', '  ']) {
      const text = JSON.stringify({ meta: { x: 'y' }, jobs: [{ a: 1 }, { b: [] }], errors: [] }, null, space);
      for (let length = 0; length < text.length; length += 1) {
        expect(() => split(text.slice(0, length))).toThrow(SlurmFormatError);
      }
    }
  });

  it.each([
    ['a page', '<html><body>502</body></html>'],
    ['text behind the end', '{"jobs": []} x'],
    ['a second document', '{"jobs": []}{"jobs": []}'],
    ['a comma too many', '{"jobs": [{},]}'],
    ['a comma too few', '{"jobs": [{} {}]}'],
    ['a name without quotes', '{jobs: []}'],
    ['no colon', '{"jobs" []}'],
    ['no value', '{"a":, "jobs": []}'],
    ['an element that is no JSON', '{"jobs": [{"a": nope}]}'],
    ['an indented element that is no JSON', '{"jobs": [\n  {\n    "a": nope\n  }\n]}'],
    ['brackets that do not match', '{"jobs": [{"a": [1}]]}'],
    ['a member that is no JSON', '{"x": nope, "jobs": []}'],
    ['two lists', '{"jobs": [], "jobs": []}'],
    ['nesting without end', `{"jobs": [{"a": ${'['.repeat(10_000)}`],
    ['indented nesting without end', `{"jobs": [\n  {\n    "a": ${'['.repeat(300_000)}${']'.repeat(300_000)}\n  }\n]}`],
    ['a name without end', `{"${'x'.repeat(5000)}`],
  ])('refuses %s', (_, text) => {
    expect(() => split(text)).toThrow(SlurmFormatError);
    expect(() => split(text, [3, 5, 8, 13])).toThrow(SlurmFormatError);
  });

  it('refuses a part that was asked for and is too large, and lets another pass', () => {
    const text = JSON.stringify({ big: 'x'.repeat(2_000_000), jobs: [{ a: 1 }] });
    expect(split(text).elements).toEqual([{ a: 1 }]);
    expect(() => split(text, [], ['big'])).toThrow('"big" in what Slurm printed is larger than 1 MiB.');
  });

  it.each(['', '  '])('leaves out an element that is too large, not those beside it, indented by %j', (space) => {
    const text = JSON.stringify({ jobs: [{ a: 1 }, { b: 'x'.repeat(LARGEST_ELEMENT) }, { c: 3 }] }, null, space);
    expect(split(text)).toMatchObject({ elements: [{ a: 1 }, { c: 3 }], tooLarge: 1 });
  });

  it('holds no more than one element', () => {
    let handedOver = 0;
    const splitter = new JsonListSplitter('jobs', [], {
      element: () => (handedOver += 1),
      elementTooLarge: () => undefined,
      member: () => undefined,
    });
    const element = Buffer.from(`  {\n    "text": "${'x'.repeat(100_000)}"\n  },\n`);
    splitter.push(Buffer.from('{"jobs": [\n'));
    global.gc?.();
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 2_000; count += 1) splitter.push(element);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    expect(handedOver).toBe(2_000);
  });
});
