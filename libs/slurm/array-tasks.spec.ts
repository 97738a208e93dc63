import fc from '../../test/support/seeded-fast-check.js';
import { arrayTaskText } from './array-tasks.js';

describe('tasks of an array that wait', () => {
  it.each([
    ['0x3C0', 0, '6-9'],
    ['0x3C0', 2, '6-9%2'],
    ['0x1', null, '0'],
    ['0x2A', 0, '1,3,5'],
    ['0x0', 0, null],
    ['2-9%2', 0, '2-9%2'],
    ['1,3,5,7,9,20', null, '1,3,5,7,9,20'],
    ['', 2, null],
    [null, 2, null],
  ])('%j with the limit %j is %j', (printed, limit, expected) => {
    expect(arrayTaskText(printed, limit)).toBe(expected);
  });

  it('names exactly the tasks of the bitmap, whatever its length', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(4000), { minLength: 1 }), (tasks) => {
        const bitmap = tasks.reduce((bits, task) => bits | (1n << BigInt(task)), 0n);
        const text = arrayTaskText(`0x${bitmap.toString(16)}`, null) ?? '';
        const named = text.split(',').flatMap((range) => {
          const [first = Number.NaN, last = first] = range.split('-').map(Number);
          return Array.from({ length: last - first + 1 }, (_, step) => first + step);
        });
        expect(named).toEqual(tasks.toSorted((a, b) => a - b));
      }),
    );
  });
});
