import { figure } from '../figure.ts';
import { textTable } from './text-table.ts';

it('a table has a line a figure, its columns aligned', () => {
  const table = textTable([
    figure('list', { title: 'short', unit: 'ms' }, [12, 14, 13]),
    figure('list', { title: 'a longer title', unit: '×', goal: { atLeast: 2 } }, 'not offered'),
  ]);
  expect(table).toBe(`\
Figure          Goal   Measured     Lowest to highest  Met
--------------  -----  -----------  -----------------  ---
short                  13 ms        12 ms to 14 ms
a longer title  ≥ 2 ×  not offered
`);
});
