import fc from '../../test/support/seeded-fast-check.js';
import { type EntityTag, hashOf, readTags, tagText, uniqueVersion } from './entity-tag.js';

const part = fc.string({
  unit: fc.constantFrom(...Array.from('ABCXYZabcxyz0123456789-_')),
  minLength: 1,
  maxLength: 22,
});
const instant = fc.oneof(
  fc.constantFrom(new Date(-8.64e15), new Date(-1), new Date(0), new Date(8.64e15)),
  fc.date({ noInvalidDate: true }),
);
const arbitraryTag: fc.Arbitrary<EntityTag> = fc.record({
  version: part,
  instant: fc.option(instant),
  content: fc.option(part),
});
/** Tags of others, which a client may send along. */
const foreign = fc.constantFrom(
  '""',
  'W/""',
  '"x!y"',
  '"a,b"',
  '"*"',
  '"a.b.c"',
  '"a~"',
  '"~a"',
  '".a"',
  '"a~b~c"',
  '"\u00e9"',
);
/** What is no tag (RFC 9110, section 8.8.3). */
const NO_TAGS = [
  'abc',
  'W/',
  '"cut',
  'cut"',
  '"a b"',
  "'abc'",
  '*',
  'w/"abc"',
  'W/ "abc"',
  '"a" "b"',
  '"a";"b"',
  '"\u20ac"',
];

describe('an entity tag', () => {
  it('is read as it was sent, weak or strong, alone or among others', () => {
    const sent = fc.array(fc.tuple(arbitraryTag, fc.boolean()), { maxLength: 4 });
    const separator = fc.constantFrom(',', ', ', ' , ', ',\t');
    fc.assert(
      fc.property(sent, separator, (tags, comma) => {
        const header = tags.map(([tag, isWeak]) => (isWeak ? 'W/' : '') + tagText(tag)).join(comma);
        expect(readTags(header)).toEqual(tags.map(([tag]) => tag));
      }),
      { numRuns: 300 },
    );
  });

  it('is found between those of others', () => {
    const others = fc.array(foreign, { maxLength: 3 });
    const separator = fc.constantFrom(',', ', ', ' , ,\t');
    fc.assert(
      fc.property(others, arbitraryTag, others, separator, (before, tag, after, comma) => {
        expect(readTags([...before, tagText(tag), ...after].join(comma))).toEqual([tag]);
        expect(readTags(['', ...before, `W/${tagText(tag)}`, ...after, ''].join(comma))).toEqual([tag]);
      }),
    );
  });

  it.each(NO_TAGS)('is none where the header is no list of tags, but has %j in it', (malformed) => {
    const tags = fc.array(fc.oneof(arbitraryTag.map(tagText), foreign), { maxLength: 3 });
    fc.assert(
      fc.property(tags, tags, fc.constantFrom(',', ', '), (before, after, comma) => {
        fc.pre(malformed !== '*' || before.length + after.length > 0);
        expect(readTags([...before, malformed, ...after].join(comma))).toEqual([]);
      }),
    );
  });

  it.each([
    '""',
    '"a.b.c"',
    '"a~"',
    '"a."',
    '"~5"',
    '".b"',
    '"a~5~6"',
    '"a~-"',
    // Instants that no date has.
    '"a~zzzzzzzzzzzz"',
    '"a~-zzzzzzzzzzzz.b"',
    `"a~${'z'.repeat(400)}"`,
    '"*"',
    '',
    ' ',
    ',',
    ' ,\t, ',
  ])('is none of ours: %j', (header) => {
    expect(readTags(header)).toEqual([]);
  });

  it('may be any: *', () => {
    expect(readTags('*')).toBe('*');
    expect(readTags(' * ')).toBe('*');
    expect(readTags(undefined)).toEqual([]);
  });

  it('reads any header, and gives nothing but tags that may have been ours', () => {
    const header = fc.string({ unit: fc.constantFrom(...Array.from('W/"*,~.- \tabz09\u00ff\\')), maxLength: 40 });
    fc.assert(
      fc.property(header, (text) => {
        const tags = readTags(text);
        if (tags === '*') {
          expect(text.trim()).toBe('*');
          return;
        }
        for (const tag of tags) expect(readTags(tagText(tag))).toEqual([tag]);
      }),
      { numRuns: 1000 },
    );
  });

  it('is one by RFC 9110, section 8.8.3', () => {
    fc.assert(
      fc.property(arbitraryTag, (tag) => {
        expect(tagText(tag)).toMatch(/^"[\x21\x23-\x7e]+"$/);
      }),
    );
  });

  it('differs from every other', () => {
    fc.assert(
      fc.property(arbitraryTag, arbitraryTag, (one, other) => {
        const isSame =
          one.version === other.version &&
          one.content === other.content &&
          one.instant?.getTime() === other.instant?.getTime();
        expect(tagText(one) === tagText(other)).toBe(isSame);
      }),
    );
  });
});

describe('hashOf', () => {
  it('is the same for the same content, and another for any other', () => {
    const content = { version: 'a.1', filter: { user: { $in: ['ada'] } }, since: undefined, limit: 5 };
    const others = [
      { ...content, version: 'a.2' },
      { ...content, filter: {} },
      { ...content, filter: { user: { $in: ['ada', 'bob'] } } },
      { ...content, since: 'derived.ended' },
      { ...content, limit: '5' },
      { ...content, limit: undefined },
      { ...content, limit: null },
      { body: Buffer.from('[]') },
      { body: Buffer.from('[1]') },
    ];
    const hashes = [content, ...others].map(hashOf);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashOf(structuredClone(content))).toBe(hashes[0]);
    for (const hash of hashes) expect(hash).toMatch(/^[\w-]{22}$/);
  });
});

describe('uniqueVersion', () => {
  it('is never the same', () => {
    const versions = Array.from({ length: 1000 }, uniqueVersion);
    expect(new Set(versions).size).toBe(1000);
    for (const version of versions) expect(version).toMatch(/^[\w-]{22}$/);
  });
});
