import { type EntityTag, readTags, tagText } from './entity-tag.js';

const TAG: EntityTag = { version: 'abc-_1', instant: null, content: null };
const TIMED: EntityTag = { ...TAG, instant: new Date('2024-05-01T10:00:00.123Z') };
const SHORT: EntityTag = { ...TIMED, content: 'xyz' };

describe('readTags', () => {
  it.each([[TAG], [TIMED], [SHORT], [{ ...SHORT, instant: new Date(-8.64e15) }]])(
    'reads %j as it was written',
    (tag) => {
      expect(readTags(tagText(tag))).toEqual([tag]);
      expect(readTags(`W/${tagText(tag)}`)).toEqual([tag]);
    },
  );

  it('reads several, and passes over those of others', () => {
    expect(readTags(` , ${tagText(TAG)},W/${tagText(TIMED)} ,, "a,b\u00e9", "", "*" \t, ${tagText(SHORT)},`)).toEqual([
      TAG,
      TIMED,
      SHORT,
    ]);
  });

  it('tells any', () => {
    expect(readTags('*')).toBe('*');
    expect(readTags(' * ')).toBe('*');
  });

  it.each([
    undefined,
    '',
    ',',
    'abc-_1',
    '"abc-_1',
    'abc-_1"',
    'w/"abc-_1"',
    'W/ "abc-_1"',
    '"abc-_1" "abc-_1"',
    '"abc-_1";"abc-_1"',
    '*, "abc-_1"',
    '"abc-_1", *',
    '"abc-_1", abc',
    '"a b", "abc-_1"',
    `"abc-_1~${'z'.repeat(20)}"`,
  ])('reads nothing from %j', (header) => {
    expect(readTags(header)).toEqual([]);
  });
});
