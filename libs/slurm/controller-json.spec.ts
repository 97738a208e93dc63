import {
  hostNames,
  recordedText,
  recordedTruth,
  type RecordedVersion,
  type TrueJob,
} from '../../test/support/recorded-cluster.js';
import { readDocument } from '../../test/support/read-document.js';
import type { JobRecord } from './job-record.js';
import { jobReader } from './readers.js';

const readControllerJson = (text: string) => readDocument(jobReader('controller-json', { timeZone: 'UTC' }), text);

const digits = (id: number | null): string | null => (id === null ? null : String(id));

/** What the record must say of the job; the word of the reason and what the version leaves empty are left to the tests below. */
function expectedOf(job: TrueJob): Partial<JobRecord> {
  return {
    clusterName: 'mila',
    jobId: String(job.job_id),
    arrayJobId: digits(job.array_job_id),
    arrayTaskId: job.array_task_id,
    arrayTaskString: job.array_tasks_pending,
    hetJobId: digits(job.het_job_id),
    hetJobOffset: job.het_job_offset,
    name: job.name,
    userName: job.user,
    uid: String(job.uid),
    account: job.account,
    state: job.state,
    stateFlags: job.state_flags,
    exitCode: `${job.exit_code}:${job.exit_signal}`,
    timeLimit: job.time_limit_s,
    submitTime: job.submit,
    eligibleTime: job.eligible,
    startTime: job.start ?? job.expected_start,
    endTime: job.end ?? job.expected_end,
    partition: job.partition,
    qos: job.qos,
    restartCount: job.restarts,
    // scontrol's text, which the truth is from, ends a comment with a space.
    comment: job.comment?.trimEnd() ?? null,
    dependency: job.dependency,
    command: job.command,
    workDir: job.workdir,
    stdin: job.stdin,
  };
}

function read(version: RecordedVersion, file = 'squeue.json'): [record: JobRecord, job: TrueJob][] {
  const { records, summary } = readControllerJson(recordedText(version, file));
  expect(summary.skipped).toEqual([]);
  const jobs = new Map(recordedTruth(version).jobs.map((job) => [String(job.job_id), job]));
  return records.map((record) => {
    const job = jobs.get(record.jobId);
    if (job === undefined) throw new Error(`truth.json does not know job ${record.jobId}`);
    return [record, job];
  });
}

describe.each(['slurm-22.05', 'slurm-24.11'] as const)('squeue --json of %s', (version) => {
  it('says of every job what the cluster held', () => {
    for (const [record, job] of read(version)) expect(record).toMatchObject(expectedOf(job));
  });

  it('names the nodes of every job, null before it has any', () => {
    for (const [{ jobId, nodes }, job] of read(version)) {
      expect([jobId, nodes === null ? [] : hostNames(nodes)]).toEqual([jobId, job.nodes]);
      expect(nodes).not.toBe('');
    }
  });

  it('gives the reason in one word', () => {
    for (const [{ stateReason, jobId }, job] of read(version)) {
      // The text of scontrol has a sentence in its place where there is one.
      if (/^\w+$/.test(job.reason) && !job.reason.includes('_')) {
        expect([jobId, stateReason]).toEqual([jobId, job.reason]);
      } else {
        expect(stateReason).toMatch(/^[A-Za-z]+$/);
      }
    }
  });

  it('has no path for tasks that have no number yet', () => {
    const waiting = read(version).filter(([, job]) => job.array_tasks_pending !== null);
    expect(waiting).not.toEqual([]);
    for (const [record] of waiting) expect([record.stdout, record.stderr]).toEqual([null, null]);
  });
});

describe('squeue --json of 22.05', () => {
  it('leaves a path alone that only looks like one of a task without a number', () => {
    const job = { job_id: 7, job_state: 'PENDING', array_job_id: 0, standard_output: '/seed-4294967294.out' };
    expect(readControllerJson(JSON.stringify({ jobs: [job] })).records[0]?.stdout).toBe('/seed-4294967294.out');
  });

  it('knows every job of the cluster, in the order printed', () => {
    const reading = readControllerJson(recordedText('slurm-22.05', 'squeue.json'));
    expect(reading.records.map(({ jobId }) => jobId)).toEqual(
      recordedTruth('slurm-22.05').jobs.map((job) => String(job.job_id)),
    );
    expect(reading.summary.slurmVersion).toBe('22.05.8');
    expect(reading.summary.clusterName).toBe('mila');
  });

  it('counts the CPUs, where Slurm leaves them out those requested', () => {
    for (const [{ cpus, jobId }, job] of read('slurm-22.05')) {
      // Job 6 asked for 4 nodes and was cancelled while it waited: scontrol guesses 16 CPUs, accounting has 4.
      expect([jobId, cpus]).toEqual([jobId, jobId === '6' ? 4 : job.cpus]);
    }
  });

  it('tells a forecast from an end only by the state', () => {
    const jobs = new Map(read('slurm-22.05').map(([record]) => [record.jobId, record]));
    expect(jobs.get('237')).toMatchObject({ state: 'PENDING', startTime: 1795522355, endTime: 1795608755 });
    expect(jobs.get('232')).toMatchObject({ state: 'RUNNING', startTime: 1795515155, endTime: 1795522355 });
    expect(jobs.get('241')).toMatchObject({ state: 'CANCELLED', startTime: null, endTime: 1795515154 });
    // Started and ended within one second, but on a node.
    expect(jobs.get('234')).toMatchObject({ state: 'FAILED', startTime: 1795515155, endTime: 1795515155 });
  });

  it('takes over the rest as printed', () => {
    const record = read('slurm-22.05').find(([{ jobId }]) => jobId === '3')?.[0];
    expect(record).toMatchObject({
      nodeCount: 1,
      priority: 4294901757,
      tresRequested: 'cpu=1,mem=100M,node=1,billing=1,gres/gpu=1',
      tresAllocated: 'cpu=1,node=1,billing=1,gres/gpu=1',
      reservation: null,
      stdout: null,
      stderr: null,
      stdin: '/dev/null',
    });
  });

  it('shows a flag alone, which is then the state', () => {
    const text = '{"jobs": [{"job_id": 7, "job_state": "COMPLETING"}]}';
    expect(readControllerJson(text).records[0]).toMatchObject({ state: 'COMPLETING', stateFlags: [] });
  });
});

describe('squeue --json of 24.11', () => {
  it('has the paths of output and the reservation', () => {
    const jobs = read('slurm-24.11');
    for (const [{ jobId, arrayTaskString, stdout, stderr }, job] of jobs) {
      if (arrayTaskString === null) expect([jobId, stdout, stderr]).toEqual([jobId, job.stdout, job.stderr]);
    }
    expect(jobs.filter(([{ reservation }]) => reservation !== null).map(([{ reservation }]) => reservation)).toEqual(
      expect.arrayContaining(['course']),
    );
  });

  it('counts the CPUs', () => {
    for (const [{ jobId, cpus }, job] of read('slurm-24.11')) expect([jobId, cpus]).toEqual([jobId, job.cpus]);
  });
});
