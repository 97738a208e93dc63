import { jest } from '@jest/globals';
import { printRows, type Row } from './rows.js';

const COLUMNS = ['email', 'admin', 'clusters', 'created'];
const ROWS: Row[] = [
  { email: 'ada@example.org', admin: true, clusters: null, created: new Date('2024-05-06T07:08:09Z') },
  { email: 'b@c.d', admin: false, clusters: ['mila', 'beluga'], created: new Date(0) },
  { email: 'e@f.g', admin: false, clusters: [], created: new Date(0) },
];

/** What is printed where a person looks, or where a program does. */
function printed(rows: readonly Row[], terminal: boolean): string {
  const before = process.stdout.isTTY;
  let text = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  process.stdout.isTTY = terminal;
  try {
    printRows(rows, COLUMNS);
  } finally {
    process.stdout.isTTY = before;
    write.mockRestore();
  }
  return text;
}

describe('printRows', () => {
  it('prints one JSON object a line for programs, times in UTC', () => {
    expect(printed(ROWS.slice(0, 2), false)).toBe(
      '{"email":"ada@example.org","admin":true,"clusters":null,"created":"2024-05-06T07:08:09.000Z"}\n' +
        '{"email":"b@c.d","admin":false,"clusters":["mila","beluga"],"created":"1970-01-01T00:00:00.000Z"}\n',
    );
    expect(printed([], false)).toBe('');
  });

  it('prints a table for people', () => {
    expect(printed(ROWS, true)).toBe(
      [
        'email            admin  clusters     created',
        'ada@example.org  true   -            2024-05-06T07:08:09.000Z',
        'b@c.d            false  mila,beluga  1970-01-01T00:00:00.000Z',
        'e@f.g            false  (none)       1970-01-01T00:00:00.000Z',
        '',
      ].join('\n'),
    );
    expect(printed([], true)).toBe('email  admin  clusters  created\n');
  });

  it('lets no name move the cursor of a terminal', () => {
    const name = '\u001b[2Jada\nroot\r\u009b31m';
    expect(printed([{ email: name, admin: true, clusters: [name], created: null }], true)).not.toMatch(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|root\n/, // eslint-disable-line no-control-regex -- these are looked for
    );
  });

  it('prints as many rows as there are', () => {
    const rows = new Array<Row>(200_000).fill({ email: 'a@b.c' });
    expect(printed(rows, true).split('\n')).toHaveLength(200_002);
  });
});
