import { median, ratios, spreadOf } from './statistics.ts';

describe('spreadOf', () => {
  it.each([
    [[3], { median: 3, min: 3, max: 3 }],
    [[10, 9, 100], { median: 10, min: 9, max: 100 }],
    [[4, 1, 3, 2], { median: 2.5, min: 1, max: 4 }],
  ])('of %j', (samples, expected) => {
    expect(spreadOf(samples)).toEqual(expected);
  });

  it('does not make up a figure of no measurement', () => {
    expect(() => median([])).toThrow('nothing was measured');
  });
});

describe('ratios', () => {
  it('are taken round by round', () => {
    expect(ratios([10, 30], [5, 10])).toEqual([2, 3]);
  });

  it('need both sides of every round', () => {
    expect(() => ratios([1, 2], [1])).toThrow('as often');
  });
});
