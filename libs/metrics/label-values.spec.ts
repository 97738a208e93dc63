import { boundedLabels, OTHERS } from './label-values.js';

const LETTERS = ['a', 'b', 'c', 'd', 'e'];

describe('boundedLabels', () => {
  it('keeps the most frequent and makes one of all others', () => {
    const label = boundedLabels(new Map(LETTERS.map((name, index) => [name, index])), 2);
    expect(LETTERS.map(label)).toEqual([OTHERS, OTHERS, OTHERS, 'd', 'e']);
  });

  it('keeps the same ones of equal counts each time', () => {
    const names = ['c', 'a', 'b'];
    for (const order of [names, names.toReversed()]) {
      const label = boundedLabels(new Map(order.map((name) => [name, 1])), 2);
      expect(names.map(label)).toEqual([OTHERS, 'a', 'b']);
    }
  });

  it('shows no name that is longer than those of Slurm, however frequent', () => {
    const label = boundedLabels(
      new Map([
        ['x'.repeat(65), 100],
        ['x'.repeat(64), 1],
      ]),
      10,
    );
    expect([label('x'.repeat(65)), label('x'.repeat(64))]).toEqual([OTHERS, 'x'.repeat(64)]);
  });

  it('shows nothing that was not counted', () => {
    expect(boundedLabels(new Map([['a', 1]]), 10)('b')).toBe(OTHERS);
  });
});
