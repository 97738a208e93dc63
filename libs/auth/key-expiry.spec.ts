import { keyExpiry } from './key-expiry.js';

const NOW = new Date('2026-11-28T12:00:00Z');

describe('keyExpiry', () => {
  it.each([
    ['90d', '2027-02-26T12:00:00.000Z'],
    ['1s', '2026-11-28T12:00:01.000Z'],
    ['416015w', '9999-12-25T12:00:00.000Z'],
  ])('of %s is %s', (duration, end) => {
    expect(keyExpiry(duration, NOW)).toEqual(new Date(end));
  });

  it.each(['', '0d', '90', 'd', '-1d', '1.5d', '2027-01-01'])('%p is no duration', (duration) => {
    expect(keyExpiry(duration, NOW)).toBe('no duration');
  });

  it.each(['416016w', '500000w', '999999w'])('%s is too long', (duration) => {
    expect(keyExpiry(duration, NOW)).toBe('too long');
  });
});
