import { figure } from '../figure.ts';
import { cells, quantity } from './wording.ts';

describe('quantity', () => {
  it.each([
    [5, '×', '5 ×'],
    [5.678, '×', '5.68 ×'],
    [0.01234, '%', '1.23 %'],
    [0.0000567, '%', '0.0057 %'],
    [123.456, 'ms', '123 ms'],
    [57431.2, 'jobs/s', '57 431 jobs/s'],
    [160_000_000, 'bytes', '160 000 000 bytes'],
    [0, 'MiB', '0 MiB'],
    [-1.25, 'MiB', '-1.25 MiB'],
  ] as const)('%d %s is %s', (value, unit, text) => {
    expect(quantity(value, unit)).toBe(text);
  });
});

describe('the cells of a figure', () => {
  it.each([
    ['met', { atLeast: 5 }, [6, 4, 8], ['≥ 5 ×', '6 ×', '4 × to 8 ×', 'yes']],
    ['missed', { atMost: 5 }, [6, 4, 8], ['≤ 5 ×', '6 ×', '4 × to 8 ×', 'no']],
    ['reached exactly', { atMost: 5 }, [5], ['≤ 5 ×', '5 ×', '', 'yes']],
    ['without a goal', undefined, [5, 6], ['', '5.5 ×', '5 × to 6 ×', '']],
    ['not measured', { atLeast: 5 }, 'not offered', ['≥ 5 ×', 'not offered', '', '']],
  ])('%s', (_name, goal, outcome, expected) => {
    expect(cells(figure('list', { title: 'T', unit: '×', ...(goal && { goal }) }, outcome))).toEqual([
      'T',
      ...expected,
    ]);
  });
});
