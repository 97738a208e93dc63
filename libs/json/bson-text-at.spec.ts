import { BSON } from 'mongodb';
import fc from '../../test/support/seeded-fast-check.js';
import { bsonTextAt } from './bson-text-at.js';

describe('bsonTextAt', () => {
  const document = Buffer.from(
    BSON.serialize({ a: 1, slurm: { list: ['x'], name: 'é\u{1D4B3}', empty: '', deep: { er: 'y' } }, slurmy: 'z' }),
  );

  it.each([
    [['slurm', 'name'], 'é\u{1D4B3}'],
    [['slurm', 'empty'], ''],
    [['slurm', 'deep', 'er'], 'y'],
    [['slurmy'], 'z'],
    [['a'], null],
    [['slurm'], null],
    [['slur', 'name'], null],
    [['slurm', 'nam'], null],
    [['slurm', 'list', '0'], null],
    [['slurmy', 'name'], null],
  ])('at %j is %j', (path, text) => {
    expect(bsonTextAt(document, path)).toBe(text);
  });

  it('finds any text under any name', () => {
    const name = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0') && each !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(name, fc.string({ unit: 'grapheme' }), { noNullPrototype: true }), (texts) => {
        const raw = Buffer.from(BSON.serialize({ before: 1, slurm: texts }));
        for (const [key, text] of Object.entries(texts)) expect(bsonTextAt(raw, ['slurm', key])).toBe(text);
      }),
    );
  });
});
