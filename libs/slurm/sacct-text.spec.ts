import fc from '../../test/support/seeded-fast-check.js';
import { recordedText } from '../../test/support/recorded-cluster.js';
import { readDocument } from '../../test/support/read-document.js';
import { accountingColumns } from './accounting-columns.js';
import { jobReader, SlurmFormatError } from './index.js';

const read = (text: string, pieceLength?: number) =>
  readDocument(jobReader('accounting-text', { timeZone: 'UTC' }), text, pieceLength);

/** Every column, as a Slurm that has them all would be asked. */
const COLUMNS = accountingColumns(recordedText('slurm-26.05', 'sacct-helpformat.txt').split(/\s+/));

const VALUES: Record<string, string> = {
  JobIDRaw: '7',
  JobID: '7',
  State: 'RUNNING',
  DBIndex: '17011934764149286912',
  SLUID: 'sER5M8H3QKSA00',
  Restarts: '1',
  Cluster: 'mila',
  User: 'alice',
  UID: '2001',
  Account: 'ml',
  Partition: 'main',
  QOS: 'normal',
  Priority: '1',
  Reason: 'None',
  ExitCode: '0:0',
  NodeList: 'cn-a001',
  AllocNodes: '1',
  AllocTRES: 'billing=1,cpu=1,mem=100M,node=1',
  ReqTRES: 'billing=1,cpu=1,mem=100M,node=1',
  Timelimit: '01:00:00',
  JobName: 'train',
  Submit: '1795541036',
  Eligible: '1795541036',
  WorkDir: '/home/alice',
  Start: '1795541036',
  End: 'Unknown',
};

function table(rows: readonly Record<string, string>[], { columns = COLUMNS, delimiter = '|' } = {}): string {
  const lines = rows.map((row) => columns.map((column) => row[column] ?? VALUES[column] ?? '').join(delimiter));
  return [columns.join(delimiter), ...lines, ''].join('\n');
}

describe('the columns that are asked for', () => {
  it.each(['slurm-22.05', 'slurm-24.11', 'slurm-26.05'] as const)('are those that %s has', (version) => {
    const available = recordedText(version, 'sacct-helpformat.txt').split(/\s+/);
    const columns = accountingColumns(available);
    expect(columns).toEqual(expect.arrayContaining(['JobIDRaw', 'JobID', 'DBIndex', 'State', 'JobName']));
    expect(columns.filter((column) => !available.includes(column))).toEqual([]);
    expect(columns.includes('SLUID')).toBe(version !== 'slurm-22.05');
    expect(columns.includes('Restarts')).toBe(version !== 'slurm-22.05');
    expect(columns.at(-1)).toBe('End');
  });
});

describe('sacct -P', () => {
  it('has the values of every kind', () => {
    expect(read(table([{}])).records).toEqual([
      expect.objectContaining({
        jobId: '7',
        databaseIndex: '17011934764149286912',
        sluid: 'sER5M8H3QKSA00',
        restartCount: 1,
        clusterName: 'mila',
        timeLimit: 3600,
        tresAllocated: 'cpu=1,mem=100M,node=1,billing=1',
        nodes: 'cn-a001',
        endTime: null,
      }),
    ]);
  });

  it.each([
    ['19_6', { arrayJobId: '19', arrayTaskId: 6, arrayTaskString: null, hetJobId: null }],
    ['19_[7-9%2]', { arrayJobId: '19', arrayTaskId: null, arrayTaskString: '7-9%2' }],
    ['33+1', { arrayJobId: null, hetJobId: '33', hetJobOffset: 1 }],
  ])('knows what %s is', (JobID, expected) => {
    expect(read(table([{ JobID }])).records).toMatchObject([expected]);
  });

  it.each([
    ['UNLIMITED', null],
    ['Partition_Limit', null],
    ['7-00:00:00', 604_800],
    ['00:10', 10],
    ['', null],
  ])('has the limit %j', (Timelimit, limit) => {
    expect(read(table([{ Timelimit }])).records[0]?.timeLimit).toBe(limit);
  });

  it('reads a state that names who cancelled', () => {
    expect(read(table([{ State: 'CANCELLED by 0' }])).records[0]?.state).toBe('CANCELLED');
  });

  it('leaves steps out, without counting them as skipped', () => {
    const { records, summary } = read(recordedText('slurm-24.11', 'sacct-steps.psv'));
    const jobs = read(recordedText('slurm-24.11', 'sacct.psv')).records;
    expect(records.length).toBeGreaterThan(3);
    expect(records).toEqual(jobs.filter(({ jobId }) => records.some((record) => record.jobId === jobId)));
    expect(summary.skippedCount).toBe(0);
  });

  it('has every run of a job', () => {
    const runs = read(recordedText('slurm-24.11', 'sacct-duplicates.psv')).records.filter(
      ({ jobId }) => jobId === '22',
    );
    expect(runs.map(({ state, restartCount }) => [state, restartCount])).toEqual([
      ['NODE_FAIL', 0],
      ['RUNNING', 1],
    ]);
  });

  it.each(['sacct.psv', 'sacct-delimiter.psv'])('says the same of %s however it is cut', (file) => {
    const text = recordedText('slurm-26.05', file);
    const whole = read(text);
    for (const pieceLength of [1, 11, 1000]) expect(read(text, pieceLength)).toEqual(whole);
  });

  it('keeps names with the delimiter and with line breaks', () => {
    const names = read(recordedText('slurm-26.05', 'sacct.psv')).records.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'a|b,c;d',
        'first\nJobId=9 JobName=trap',
        'first\n\nJobId=9 JobName=trap\n   UserId=root(0) JobState=FAILED',
      ]),
    );
  });

  describe('whose texts have delimiters, line breaks, and lines that look like rows', () => {
    const writing = fc
      .array(fc.constantFrom('|', '\n', 'a', ' ', '7', '"', '8|8|RUNNING|', '\n9|9|FAILED|1|', 'é'), {
        maxLength: 12,
      })
      .map((parts) => parts.join(''));
    const texts = fc.record({ JobName: writing, Comment: writing });
    const rowsOf = (written: readonly { JobName: string; Comment: string }[]) =>
      written.map((row, index) => ({ ...row, JobID: `${index + 1}`, JobIDRaw: `${index + 1}` }));
    // Behind a comment stand four columns: a line of a text in front of which fewer delimiters are written ends no row.
    const endsNoRow = ({ JobName, Comment }: { JobName: string; Comment: string }) =>
      `${JobName}${Comment}`.replace(/[^\n]*$/, '').split('|').length <= 4;

    it('reads those that cannot be taken for the end of a row', () => {
      fc.assert(
        fc.property(fc.array(texts.filter(endsNoRow), { maxLength: 4 }), (written) => {
          expect(read(table(rowsOf(written))).records.map(({ name, comment }) => [name, comment ?? ''])).toEqual(
            written.map(({ JobName, Comment }) => [JobName, Comment]),
          );
        }),
        { numRuns: 1000 },
      );
    });

    it('reads the others as they are or skips their rows', () => {
      fc.assert(
        fc.property(fc.array(texts, { maxLength: 4 }), (written) => {
          const { records, summary } = read(table(rowsOf(written)));
          const found = records.map(({ jobId, name, comment }) => [jobId, name, comment ?? '']);
          expect(written.map(({ JobName, Comment }, index) => [`${index + 1}`, JobName, Comment])).toEqual(
            expect.arrayContaining(found),
          );
          if (found.length < written.length) expect(summary.skippedCount).toBeGreaterThan(0);
        }),
        { numRuns: 1000 },
      );
    });

    it('takes no piece of a text for a time', () => {
      const JobName = '\n9|9|FAILED|1|';
      const { records, summary } = read(
        table([{ JobIDRaw: '1', JobName, Comment: `${JobName}${'8|8|RUNNING|'.repeat(7)}` }, { JobIDRaw: '2' }]),
      );
      expect(records.map(({ jobId }) => jobId)).toEqual(['2']);
      expect(summary.skipped).toContainEqual({ index: 0, id: '1', field: 'Submit', reason: 'is "9", not a time' });
    });
  });

  it('reads every text of a user where the delimiter is one that nobody knows', () => {
    const writing = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('|', '\n', 'x', '8|8|RUNNING|', '\n9|9|FAILED|1|')).map((parts) => parts.join('')),
    );
    const delimiter = '|~;%|';
    fc.assert(
      fc.property(
        fc.array(fc.record({ JobName: writing, Comment: writing, WorkDir: writing }), { maxLength: 4 }),
        (texts) => {
          const rows = texts.map((row, index) => ({ ...row, JobID: `${index + 1}`, JobIDRaw: `${index + 1}` }));
          const { records } = read(table(rows, { delimiter }));
          expect(records.map(({ name, comment }) => [name, comment ?? ''])).toEqual(
            texts.map(({ JobName, Comment }) => [JobName, Comment]),
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('finds its columns in any order', () => {
    const shuffled = fc.shuffledSubarray(COLUMNS, { minLength: COLUMNS.length });
    fc.assert(
      fc.property(shuffled, (columns) => {
        expect(read(table([{}, { JobID: '8', JobIDRaw: '8' }], { columns }))).toEqual(
          read(table([{}, { JobID: '8', JobIDRaw: '8' }])),
        );
      }),
    );
  });

  it('skips a row that it cannot read, not those beside it', () => {
    const rows = [
      { JobIDRaw: '1' },
      { JobIDRaw: '2', Submit: 'soon' },
      { JobIDRaw: '3', State: '' },
      { JobIDRaw: '4' },
    ];
    const { records, summary } = read(table(rows));
    expect(records.map(({ jobId }) => jobId)).toEqual(['1', '4']);
    expect(summary.skipped).toEqual([
      { index: 1, id: '2', field: 'Submit', reason: 'is "soon", not a time' },
      { index: 2, id: '3', field: 'State', reason: 'is missing' },
    ]);
  });

  it('loses no row of several lines to one before it that is broken in front of all texts', () => {
    const rows = [{ JobIDRaw: '1', DBIndex: 'x' }, { JobIDRaw: '2', JobName: 'two\nlines' }, { JobIDRaw: '3' }];
    const { records, summary } = read(table(rows));
    expect(records.map(({ jobId, name }) => [jobId, name])).toEqual([
      ['2', 'two\nlines'],
      ['3', 'train'],
    ]);
    expect(summary.skipped).toMatchObject([{ id: '1', field: 'DBIndex' }]);
  });

  it('skips a row in which more than one text could end', () => {
    const { records, summary } = read(table([{ JobIDRaw: '1', JobName: 'a|1795541036|b' }, { JobIDRaw: '2' }]));
    expect(records.map(({ jobId }) => jobId)).toEqual(['2']);
    expect(summary.skipped).toMatchObject([{ id: '1', field: '' }]);
    expect(summary.skipped[0]?.reason).toContain('not certain');
  });

  it('takes a header alone for an answer without jobs', () => {
    expect(read(table([])).summary).toMatchObject({ records: 0, skippedCount: 0 });
    expect(read(COLUMNS.join('|')).summary.records).toBe(0);
  });

  it.each([
    '',
    '\n',
    'sacct: error: Problem talking to the database\n',
    'a|b|c\n',
    '{"jobs": []}',
    'JobID|State\n7|RUNNING\n',
  ])('%j is no table', (text) => {
    expect(() => read(text)).toThrow(SlurmFormatError);
  });

  it('refuses a table that is cut within a row', () => {
    const text = table([{}]);
    const header = COLUMNS.join('|').length + 1;
    for (let length = header + 1; length < text.length; length += 1) {
      expect(() => read(text.slice(0, length))).toThrow('was cut short');
    }
  });

  it('takes a text of many lines that look like rows in a time that goes with its length', () => {
    const lines = `1|1|${'y'.repeat(16_000)}\n`.repeat(900);
    const before = process.threadCpuUsage();
    const { summary } = read(`JobIDRaw|JobID|State|JobName|End\n1|1|FAILED|name|Unkno\n${lines}2|2|FAILED|b|Unknown\n`);
    const { user } = process.threadCpuUsage(before);
    expect(summary.skipped).toMatchObject([{ id: '1' }]);
    // Of 14 MB. Taking the row apart anew at each line took ten times as long.
    expect(user / 1_000).toBeLessThan(700);
  });
});
