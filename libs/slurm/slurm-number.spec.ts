import { slurmId, slurmInteger, slurmMinutes, slurmNumber, slurmTime } from './slurm-number.js';
import { WrongShape } from './wrong-shape.js';

const n = (number: number, set = true, infinite = false) => ({ set, infinite, number });

describe('numbers of every version', () => {
  it.each([
    [60, 60],
    [1.5, 1.5],
    [n(60), 60],
    [n(0), 0],
    [null, null],
    [undefined, null],
    [n(0, false), null],
    [n(0, false, true), null],
    [n(0, true, true), null],
    [4294967294, null],
    [4294967295, null],
    [n(4294967294), null],
    [4294901757, 4294901757],
  ])('%j is %j', (printed, expected) => {
    expect(slurmNumber(printed)).toBe(expected);
  });

  it.each(['60', true, [60], {}, { number: 60 }, { set: true, infinite: false, number: '60' }])(
    '%j is none',
    (printed) => {
      expect(() => slurmNumber(printed)).toThrow(WrongShape);
    },
  );

  it.each([-1, 1.5, 2 ** 53, n(-2)])('%j is no count', (printed) => {
    expect(() => slurmInteger(printed)).toThrow(WrongShape);
  });

  it('reads 0 as none for an id and as unknown for a time, set or not', () => {
    for (const zero of [0, n(0), n(0, false), null]) {
      expect(slurmId(zero)).toBeNull();
      expect(slurmTime(zero)).toBeNull();
    }
    expect(slurmId(n(19))).toBe('19');
    expect(slurmTime(1795514879)).toBe(1795514879);
  });

  it('takes no time that ISO 8601 cannot write', () => {
    expect(slurmTime(253402300799)).toBe(253402300799);
    expect(() => slurmTime(253402300800)).toThrow(WrongShape);
  });

  it('makes seconds of minutes, nothing of no limit', () => {
    expect(slurmMinutes(5071)).toBe(304260);
    expect(slurmMinutes(n(0, false, true))).toBeNull();
    expect(slurmMinutes(0)).toBe(0);
  });
});
