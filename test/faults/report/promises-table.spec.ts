import { promisesTable } from './promises-table.ts';

it('tells of each promise whether it was kept and what was seen, and counts them', () => {
  const table = promisesTable([
    { scenario: 'kills', promise: 'healed', seen: 'median 1 s', kept: true },
    { scenario: 'disk', promise: '503', seen: 'a 500', kept: false },
    { scenario: 'clock', promise: 'keys expire', seen: 'libfaketime is not there', kept: null },
  ]);
  expect(table).toBe(`\
kept       kills  healed
                  → median 1 s
BROKEN     disk   503
                  → a 500
not tried  clock  keys expire
                  → libfaketime is not there
1 promises kept, 1 broken, 1 not tried
`);
});
