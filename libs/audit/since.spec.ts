import { sinceInstant } from './since.js';

const NOW = new Date('2026-01-05T14:00:00Z');

describe('sinceInstant', () => {
  it.each([
    ['7d', '2025-12-29T14:00:00.000Z'],
    ['90s', '2026-01-05T13:58:30.000Z'],
    ['0s', '2026-01-05T14:00:00.000Z'],
    ['2026-01-01T00:00:00-05:00', '2026-01-01T05:00:00.000Z'],
  ])('takes %s', (text, instant) => {
    expect(sinceInstant(text, NOW)?.toISOString()).toBe(instant);
  });

  it.each(['', '7', 'd', '-7d', '2026-01-01', '2026-01-01T00:00:00', '2026-02-30T00:00:00Z'])('refuses %j', (text) => {
    expect(sinceInstant(text, NOW)).toBeNull();
  });
});
