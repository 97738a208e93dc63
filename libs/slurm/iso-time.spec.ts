import fc from '../../test/support/seeded-fast-check.js';
import { instantOf, isoTime } from './iso-time.js';

const at = (utc: string): number => Date.parse(utc) / 1000;

describe('isoTime', () => {
  it.each([
    ["the documentation's example", '2020-02-04T08:22:55Z', 'America/Toronto', '2020-02-04T03:22:55-05:00'],
    ['the last second of summer', '2021-11-07T05:59:59Z', 'America/Toronto', '2021-11-07T01:59:59-04:00'],
    ['the same hour once more', '2021-11-07T06:00:00Z', 'America/Toronto', '2021-11-07T01:00:00-05:00'],
    ['the last second of winter', '2021-03-14T06:59:59Z', 'America/Toronto', '2021-03-14T01:59:59-05:00'],
    ['the hour after it is left out', '2021-03-14T07:00:00Z', 'America/Toronto', '2021-03-14T03:00:00-04:00'],
    ['UTC', '2026-11-24T10:07:59Z', 'UTC', '2026-11-24T10:07:59+00:00'],
    ['London in winter', '2026-01-01T00:00:00Z', 'Europe/London', '2026-01-01T00:00:00+00:00'],
    ['London in summer', '2026-07-01T00:00:00Z', 'Europe/London', '2026-07-01T01:00:00+01:00'],
    ['half an hour west', '2026-01-01T00:00:00Z', 'America/St_Johns', '2025-12-31T20:30:00-03:30'],
    ['three quarters east', '2026-01-01T00:00:00Z', 'Asia/Kathmandu', '2026-01-01T05:45:00+05:45'],
    ['half an hour of summer', '2026-04-04T15:00:00Z', 'Australia/Lord_Howe', '2026-04-05T01:30:00+10:30'],
  ])('%s', (_, utc, timeZone, expected) => {
    expect(isoTime(at(utc), timeZone)).toBe(expected);
  });

  it('names the same instant in every zone', () => {
    const zones = [
      'UTC',
      'America/Toronto',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'Pacific/Apia',
      'Africa/Casablanca',
    ];
    fc.assert(
      fc.property(
        fc.integer({ min: at('1973-01-01T00:00:00Z'), max: 253_402_200_000 }),
        fc.constantFrom(...zones),
        (time, zone) => {
          const text = isoTime(time, zone);
          expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/);
          expect(Date.parse(text)).toBe(time * 1000);
        },
      ),
    );
  });

  it('refuses a zone that there is not', () => {
    expect(() => isoTime(0, 'America/Beluga')).toThrow(RangeError);
  });
});

describe('instantOf', () => {
  it.each([
    ['winter', '2026-11-24T17:23:56', 'America/Toronto', '2026-11-24T22:23:56Z'],
    ['summer', '2026-07-01T12:00:00', 'America/Toronto', '2026-07-01T16:00:00Z'],
    ['UTC', '2026-11-24T10:07:59', 'UTC', '2026-11-24T10:07:59Z'],
    ['the hour that there is twice: the earlier', '2021-11-07T01:30:00', 'America/Toronto', '2021-11-07T05:30:00Z'],
    ['the hour after it', '2021-11-07T02:00:00', 'America/Toronto', '2021-11-07T07:00:00Z'],
    ['the hour that there is not', '2021-03-14T02:30:00', 'America/Toronto', '2021-03-14T07:30:00Z'],
    ['a quarter of an hour', '2026-01-01T05:45:00', 'Asia/Kathmandu', '2026-01-01T00:00:00Z'],
    ['half an hour twice', '2026-04-05T01:45:00', 'Australia/Lord_Howe', '2026-04-04T14:45:00Z'],
  ])('%s', (_, local, zone, utc) => {
    expect(instantOf(local, zone)).toBe(at(utc));
  });

  it.each([
    '',
    'Unknown',
    '2026-11-24',
    '2026-13-01T00:00:00',
    '2026-11-24T25:00:00',
    '2026-11-24T17:23:56Z',
    '1795541036',
  ])('%j is no local time', (text) => {
    expect(instantOf(text, 'UTC')).toBeNull();
  });

  it('is what a clock of the zone shows, and never later than the instant that it was shown at', () => {
    const zones = fc.constantFrom('UTC', 'America/Toronto', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Europe/London');
    fc.assert(
      fc.property(
        fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2060-01-01T00:00:00Z') }),
        zones,
        (time, zone) => {
          const shown = isoTime(time, zone).slice(0, 19);
          const instant = instantOf(shown, zone) ?? Number.NaN;
          expect(isoTime(instant, zone).slice(0, 19)).toBe(shown);
          expect([0, 1800, 3600]).toContain(time - instant);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
