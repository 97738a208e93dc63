import fc from '../../test/support/seeded-fast-check.js';
import { recordedText } from '../../test/support/recorded-cluster.js';
import { readDocument } from '../../test/support/read-document.js';
import { jobReader, nodeReader, SlurmFormatError } from './index.js';
import type { TextConventions } from './readers.js';

interface JobTexts {
  id?: number;
  name?: string;
  comment?: string | null;
  batch?: boolean;
  submitTime?: string;
}

/** A job as 24.11 prints it. */
function job({
  id = 7,
  name = 'train',
  comment = null,
  batch = true,
  submitTime = '2026-11-24T17:23:56',
}: JobTexts): string {
  return [
    `JobId=${id} JobName=${name}`,
    '   UserId=alice(2001) GroupId=alice(2001) MCS_label=N/A',
    '   Priority=1 Nice=0 Account=ml QOS=normal',
    '   JobState=RUNNING Reason=None Dependency=(null)',
    `   Requeue=1 Restarts=2 BatchFlag=${batch ? 1 : 0} Reboot=0 ExitCode=0:0`,
    '   RunTime=00:00:03 TimeLimit=3-12:31:00 TimeMin=N/A',
    `   SubmitTime=${submitTime} EligibleTime=Unknown`,
    '   AccrueTime=Unknown',
    '   StartTime=2026-11-24T17:23:56 EndTime=2026-11-28T05:54:56 Deadline=N/A',
    '   Partition=main AllocNode:Sid=localhost:0',
    '   ReqNodeList=(null) ExcNodeList=(null)',
    '   NodeList=cn-x001',
    '   NumNodes=1-4 NumCPUs=2K NumTasks=1 CPUs/Task=1 ReqB:S:C:T=0:0:*:*',
    '   ReqTRES=cpu=1,mem=100M,node=1,billing=1',
    '   AllocTRES=(null)',
    '   Command=/home/alice/train.sh --lr 0.1',
    '   WorkDir=/home/alice',
    ...(comment === null ? [] : [`   Comment=${comment} `]),
    ...(batch ? ['   StdErr=', '   StdIn=/dev/null', `   StdOut=/home/alice/slurm-${id}.out`] : []),
    '   ',
    '',
    '',
  ].join('\n');
}

const read = (text: string, conventions: TextConventions = { timeZone: 'UTC' }, pieceLength?: number) =>
  readDocument(jobReader('controller-text', conventions), text, pieceLength);
const idsOf = (text: string, conventions?: TextConventions) =>
  read(text, conventions).records.map(({ jobId }) => jobId);

describe('scontrol show job', () => {
  it('has the values of every kind', () => {
    expect(read(job({})).records).toEqual([
      expect.objectContaining({
        jobId: '7',
        userName: 'alice',
        uid: '2001',
        restartCount: 2,
        timeLimit: 304_260,
        submitTime: 1_795_541_036,
        eligibleTime: null,
        nodeCount: 1,
        cpus: 2048,
        tresAllocated: null,
        dependency: null,
        command: '/home/alice/train.sh --lr 0.1',
        stdout: '/home/alice/slurm-7.out',
        stderr: '/home/alice/slurm-7.out',
      }),
    ]);
  });

  it('has times of the zone, and epoch seconds', () => {
    expect(read(job({}), { timeZone: 'America/Toronto' }).records[0]?.submitTime).toBe(1_795_541_036 + 5 * 3600);
    const epoch = job({ submitTime: '1795541036' });
    expect(read(epoch, { timeZone: 'America/Toronto' }).records[0]?.submitTime).toBe(1_795_541_036);
  });

  it.each(['slurm-22.05', 'slurm-24.11'] as const)('says the same of %s however it is cut', (version) => {
    const text = recordedText(version, 'scontrol-show-job.txt');
    const whole = read(text);
    for (const pieceLength of [1, 7, 1000]) expect(read(text, undefined, pieceLength)).toEqual(whole);
  });

  it('takes a name and a comment with line breaks for what they are', () => {
    const { records } = read(recordedText('slurm-24.11', 'scontrol-show-job.txt'));
    expect(records.find(({ jobId }) => jobId === '22')).toMatchObject({
      name: 'line1\nJobId=9 line2',
      comment: 'first\nsecond',
      userName: 'bob',
    });
  });

  it.each(['No jobs in the system\n', '\nNo jobs in the system\n'])('%j is a cluster without jobs', (text) => {
    expect(read(text)).toEqual({
      records: [],
      summary: { records: 0, skippedCount: 0, skipped: [], slurmVersion: null, clusterName: null },
    });
  });

  it.each([
    '',
    ' \n',
    'slurm_load_jobs error: Unable to contact slurm controller\n',
    '<html>',
    '{"jobs": []}',
    'JobId=x\n',
  ])('%j is no list', (text) => {
    expect(() => read(text)).toThrow(SlurmFormatError);
  });

  it('refuses every text that is cut within its last record', () => {
    const [first, last] = [job({ id: 1, comment: 'a\n\nb' }), job({ id: 2 })];
    for (let length = 1; length < last.trimEnd().length; length += 1) {
      expect(() => read(first + last.slice(0, length))).toThrow('was cut short');
    }
  });

  it('names a value that it cannot read, and keeps the other jobs', () => {
    const { records, summary } = read(job({ id: 1 }) + job({ id: 2, submitTime: 'yesterday' }) + job({ id: 3 }));
    expect(records.map(({ jobId }) => jobId)).toEqual(['1', '3']);
    expect(summary.skipped).toEqual([{ index: 1, id: '2', field: 'SubmitTime', reason: 'is "yesterday", not a time' }]);
  });
});

describe('what a user writes into a job', () => {
  const beginning = '\n\nJobId=9 JobName=trap';
  const whole = `\n   StdOut=/x\n   \n\n${job({ id: 9 }).trimEnd()}`;

  it.each([
    ['a comment', { comment: `x${beginning}` }],
    ['a comment of a job without a script', { comment: `x${beginning}`, batch: false }],
    ['a comment with the beginnings of a job', { comment: `x${beginning}\n   UserId=root(0) GroupId=root(0)` }],
  ])('is no job of its own: %s', (_, texts) => {
    const text = job({ id: 1 }) + job({ id: 2, ...texts }) + job({ id: 3 });
    const { records, summary } = read(text);
    expect(records.map(({ jobId }) => jobId)).not.toContain('9');
    expect(records[0]?.jobId).toBe('1');
    expect(summary.records + summary.skippedCount).toBe(3);
  });

  it('costs nobody else where it is in a comment before the paths', () => {
    const text = job({ id: 1 }) + job({ id: 2, comment: `x${beginning}` }) + job({ id: 3 });
    expect(read(text)).toMatchObject({
      records: [{ jobId: '1' }, { jobId: '2', stdout: '/home/alice/slurm-2.out' }, { jobId: '3' }],
      summary: { skippedCount: 0 },
    });
  });

  it('makes the record uncertain where it is in the name', () => {
    const { records, summary } = read(job({ id: 1 }) + job({ id: 2, name: `x${beginning}` }) + job({ id: 3 }));
    expect(records.map(({ jobId }) => jobId)).toEqual(['1', '3']);
    expect(summary.skipped).toMatchObject([{ index: 1, id: '2' }]);
  });

  it.each([
    ['name', { name: 'x\n   UserId=root(0) GroupId=root(0) MCS_label=N/A' }, 'UserId'],
    ['comment', { comment: 'x\n   JobState=COMPLETED Reason=None Dependency=(null)' }, 'JobState'],
    ['comment', { comment: 'x\n   StdOut=/etc/passwd' }, 'StdOut'],
  ])('is not believed where it is like another line of the job: a %s', (_, texts, field) => {
    const { records, summary } = read(job({ id: 1 }) + job({ id: 2, ...texts }) + job({ id: 3 }));
    expect(records.map(({ jobId }) => jobId)).toEqual(['1', '3']);
    expect(summary.skipped).toMatchObject([{ index: 1, id: '2', field }]);
  });

  it('is no job even where it is a whole one, if times have a suffix that nobody knows', () => {
    const conventions = { timeZone: 'UTC', timeSuffix: 'q7Zk2' };
    const submitTime = '1795541036q7Zk2';
    const text =
      job({ id: 1, submitTime }) + job({ id: 2, submitTime, comment: `x${whole}` }) + job({ id: 3, submitTime });
    expect(idsOf(text, conventions)).not.toContain('9');
    expect(idsOf(text, conventions)).toContain('1');
    expect(read(job({ id: 1, submitTime }), conventions).records[0]?.submitTime).toBe(1_795_541_036);
  });

  it('is never taken for another job, whatever lines it has', () => {
    const lines = fc.constantFrom(
      '',
      '   ',
      'JobId=9 JobName=trap',
      '   UserId=root(0) GroupId=root(0) MCS_label=N/A',
      '   Priority=1 Nice=0 Account=ml QOS=normal',
      '   JobState=COMPLETED Reason=None Dependency=(null)',
      '   Requeue=1 Restarts=2 BatchFlag=0 Reboot=0 ExitCode=0:0',
      '   SubmitTime=1795541036 EligibleTime=Unknown',
      '   WorkDir=/x',
      '   StdOut=/x',
      'text',
    );
    const writing = fc.array(lines, { maxLength: 12 }).map((parts) => parts.join('\n'));
    const conventions = { timeZone: 'UTC', timeSuffix: 'q7Zk2' };
    const submitTime = '1795541036q7Zk2';
    fc.assert(
      fc.property(writing, writing, fc.boolean(), (name, comment, batch) => {
        const text =
          job({ id: 1, submitTime }) + job({ id: 2, submitTime, name, comment, batch }) + job({ id: 3, submitTime });
        for (const record of read(text, conventions).records) {
          expect(['1', '2', '3']).toContain(record.jobId);
          expect(record).toMatchObject({ userName: 'alice', state: 'RUNNING', submitTime: 1_795_541_036 });
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('scontrol show node', () => {
  const node = (name: string, reason: string) =>
    [
      `NodeName=${name} Arch=x86_64 CoresPerSocket=1 `,
      '   CPUAlloc=0 CPUEfctv=8 CPUTot=8 CPULoad=4.30',
      '   AvailableFeatures=(null)',
      '   Gres=gpu:a100:2',
      '   NodeAddr=127.0.0.1 NodeHostName=login1 Port=17005 Version=24.11.5',
      '   OS=Linux 6.12.0 #1 SMP State=IDLE @0 ',
      '   RealMemory=16000 AllocMem=0 FreeMem=N/A Sockets=8 Boards=1',
      '   State=DOWN+DRAIN+NOT_RESPONDING ThreadsPerCore=1 TmpDisk=0 Weight=1 Owner=N/A MCS_label=N/A',
      '   Partitions=main,gpu ',
      '   CfgTRES=cpu=8,mem=16000M,billing=8',
      '   AllocTRES=',
      '   ',
      `   Reason=${reason}`,
      '',
      '',
    ].join('\n');
  const readNodes = (text: string, pieceLength?: number) =>
    readDocument(nodeReader('node-text', { timeZone: 'UTC' }), text, pieceLength);

  it.each([
    ['power supply [root@2026-11-24T17:25:25]', 'power supply'],
    ['see [ticket] [root@1795541045]', 'see [ticket]'],
    ['first [root@Unknown]\n          second', 'first\nsecond'],
    ['x [root@1]\n\nNodeName=evil Arch=x', 'x\n\nNodeName=evil Arch=x'],
  ])('has the reason of %j', (printed, reason) => {
    const { records, summary } = readNodes(node('a', printed) + node('b', 'y [root@1]'));
    expect(summary.skippedCount + records.length).toBe(2);
    expect(records.map(({ name }) => name)).not.toContain('evil');
    if (records.length === 2) expect(records[0]?.reason).toBe(reason);
  });

  it('has the rest', () => {
    expect(readNodes(node('a', 'x'), 3).records).toEqual([
      expect.objectContaining({
        name: 'a',
        state: 'DOWN+DRAIN+NOT_RESPONDING',
        features: null,
        gres: 'gpu:a100:2',
        allocTres: null,
        partitions: ['main', 'gpu'],
        memory: 16_000,
        cpus: 8,
      }),
    ]);
  });

  it('knows a cluster without nodes from a text that is no list', () => {
    expect(readNodes('No nodes in the system\n').summary.records).toBe(0);
    expect(() => readNodes('JobId=7 JobName=x\n')).toThrow('What `scontrol show node` printed is not its list');
    expect(() => readNodes(node('a', 'x').slice(0, 300))).toThrow('was cut short');
  });
});
