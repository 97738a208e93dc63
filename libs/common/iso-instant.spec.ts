import fc from '../../test/support/seeded-fast-check.js';
import { isoInstant } from './iso-instant.js';

describe('isoInstant', () => {
  it.each([
    ['2020-02-04T03:22:55-05:00', '2020-02-04T08:22:55.000Z'],
    ['2020-02-04T03:22:55-0500', '2020-02-04T08:22:55.000Z'],
    ['2020-02-04T08:22:55Z', '2020-02-04T08:22:55.000Z'],
    ['2020-02-04T08:22:55+00:00', '2020-02-04T08:22:55.000Z'],
    ['2020-02-04T08:22:55+05:45', '2020-02-04T02:37:55.000Z'],
    ['2020-02-04T08:22Z', '2020-02-04T08:22:00.000Z'],
    ['2020-02-04T08:22:55.5Z', '2020-02-04T08:22:55.500Z'],
    ['2020-02-04T08:22:55.123456789Z', '2020-02-04T08:22:55.123Z'],
    ['2020-02-29T00:00:00Z', '2020-02-29T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ])('%s', (text, instant) => {
    expect(isoInstant(text)?.toISOString()).toBe(instant);
  });

  it.each([
    '',
    'Unknown',
    '2020-02-04T03:22:55',
    '2020-02-04',
    '2020-02-04 03:22:55Z',
    '2020-02-04T03:22:55z',
    '2020-2-4T03:22:55Z',
    '20200204T032255Z',
    '2020-13-01T00:00:00Z',
    '2020-00-01T00:00:00Z',
    '2020-01-00T00:00:00Z',
    '2020-01-32T00:00:00Z',
    '2020-02-30T00:00:00Z',
    '2021-02-29T00:00:00Z',
    '2020-04-31T00:00:00Z',
    '2020-02-04T25:00:00Z',
    '2020-02-04T03:60:00Z',
    '2020-02-04T03:22:60Z',
    '2020-02-04T03:22:55+24:00',
    '2020-02-04T03:22:55+05:60',
    '2020-02-04T03:22:55+5',
    '2020-02-04T03:22:55.Z',
    '2020-02-04T03:22:55Z ',
    '2020-02-04T03:22:55Z\n',
    '+02020-02-04T03:22:55Z',
    '1580804575',
    'Tue, 04 Feb 2020 08:22:55 GMT',
    '٢٠٢٠-02-04T03:22:55Z',
  ])('%j is none', (text) => {
    expect(isoInstant(text)).toBeNull();
  });

  it('reads an instant however its offset is written', () => {
    const instant = fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true });
    fc.assert(
      fc.property(instant, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const [hh, mm] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
        const offset = `${minutes < 0 ? '-' : '+'}${String(hh).padStart(2, '0')}:${String(mm).padStart(2, '0')}`;
        expect(isoInstant(local + offset)).toEqual(date);
        expect(isoInstant(local + offset.replace(':', ''))).toEqual(date);
      }),
    );
  });
});
