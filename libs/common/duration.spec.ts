import { durationMs } from './duration.js';

describe('durationMs', () => {
  it.each([
    ['0s', 0],
    ['1s', 1000],
    ['90m', 5_400_000],
    ['12h', 43_200_000],
    ['90d', 7_776_000_000],
    ['2w', 1_209_600_000],
    ['007d', 604_800_000],
  ])('%s is %d', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each([
    '',
    '90',
    'd',
    '90 d',
    ' 90d',
    '90d ',
    '90D',
    '-1d',
    '+1d',
    '1.5d',
    '1e3s',
    '1y',
    '90days',
    '1d2h',
    '٣d',
    '1234567d',
    '90d\n',
  ])('%j is none', (text) => {
    expect(durationMs(text)).toBeNull();
  });

  it('gives the longest a date that there is', () => {
    const end = new Date(Date.now() + (durationMs('999999w') ?? Number.NaN));
    expect(Number.isNaN(end.getTime())).toBe(false);
  });
});
