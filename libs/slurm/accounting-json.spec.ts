import { hostNames, recordedText, recordedTruth, type RecordedVersion } from '../../test/support/recorded-cluster.js';
import { readDocument } from '../../test/support/read-document.js';
import type { JobRecord } from './job-record.js';
import { jobReader } from './readers.js';

const UTC = { timeZone: 'UTC' };
const readAccountingJson = (text: string) => readDocument(jobReader('accounting-json', UTC), text);

/** By job id: no job of these recordings ran twice under one. */
function read(version: RecordedVersion): Map<string, JobRecord> {
  const { records, summary } = readAccountingJson(recordedText(version, 'sacct.json'));
  expect(summary.skipped).toEqual([]);
  const jobs = new Map(records.map((record) => [record.jobId, record]));
  expect(jobs.size).toBe(records.length);
  return jobs;
}

const nodesOf = (record: JobRecord | undefined): string[] => (record?.nodes == null ? [] : hostNames(record.nodes));
const digits = (id: number | null): string | null => (id === null ? null : String(id));

describe.each(['slurm-22.05', 'slurm-24.11'] as const)('sacct --json of %s', (version) => {
  const truth = recordedTruth(version);
  const accounted = truth.jobs.filter((job) => job.in_sacct);

  it('knows the jobs that accounting knows, and no others', () => {
    const expected = [...accounted, ...(truth.only_in_sacct ?? [])].map((job) => String(job.job_id));
    expect([...read(version).keys()].sort()).toEqual(expected.sort());
  });

  it('says of every job what the cluster held', () => {
    const records = read(version);
    for (const job of accounted) {
      expect(records.get(String(job.job_id))).toMatchObject({
        clusterName: 'mila',
        arrayJobId: digits(job.array_job_id),
        arrayTaskId: job.array_task_id,
        hetJobId: digits(job.het_job_id),
        hetJobOffset: job.het_job_offset,
        userName: job.user,
        uid: null,
        account: job.account,
        state: job.state,
        submitTime: job.submit,
        // No forecasts: what has not happened is null.
        startTime: job.start,
        endTime: job.end,
        partition: job.partition,
        qos: job.qos,
        workDir: job.workdir,
        command: null,
        dependency: null,
      });
      expect(nodesOf(records.get(String(job.job_id)))).toEqual(job.nodes);
    }
  });

  it('keeps names of any kind', () => {
    const records = read(version);
    for (const job of accounted) {
      // slurmdbd replaces a double quote by a backquote.
      expect(records.get(String(job.job_id))?.name).toBe(job.name.replaceAll('"', '`'));
    }
  });

  it('writes resources as squeue does', () => {
    const records = read(version);
    const queued = readDocument(jobReader('controller-json', UTC), recordedText(version, 'squeue.json')).records;
    const both = queued.filter(({ jobId, nodes }) => records.has(jobId) && nodes !== null);
    expect(both.length).toBeGreaterThan(10);
    for (const { jobId, tresRequested, tresAllocated, cpus, nodeCount } of both) {
      expect(records.get(jobId)).toMatchObject({ tresRequested, tresAllocated, cpus, nodeCount });
    }
  });
});

describe('sacct --json of 22.05', () => {
  it('says the same of jobs that slurmctld has forgotten', () => {
    const records = read('slurm-22.05');
    const forgotten = recordedTruth('slurm-22.05').only_in_sacct ?? [];
    expect(forgotten).toHaveLength(5);
    for (const job of forgotten) {
      const record = records.get(String(job.job_id));
      expect(record).toMatchObject({
        name: job.name,
        state: job.state.replace(/ by \d+$/, ''),
        userName: job.user,
        account: job.account,
        partition: job.partition,
        timeLimit: job.time_limit_s,
        submitTime: job.submit,
        startTime: job.start,
        endTime: job.end,
      });
      expect(nodesOf(record)).toEqual(job.nodes);
      const user = record?.arrayJobId == null ? record?.jobId : `${record.arrayJobId}_${String(record.arrayTaskId)}`;
      expect(user).toBe(job.job_id_text);
    }
  });

  it('tells an exit code where it is certain, and never one that is wrong', () => {
    const { jobs, only_in_sacct: forgotten = [] } = recordedTruth('slurm-22.05');
    const told = [
      ...jobs
        .filter((job) => job.in_sacct)
        .map((job) => ({ ...job, code: job.sacct_differs?.exit ?? `${job.exit_code}:${job.exit_signal}` })),
      ...forgotten.map((job) => ({ ...job, code: job.exit_code })),
    ];
    const records = read('slurm-22.05');
    for (const job of told) {
      const uncertain = /^(CANCELLED|FAILED)/.test(job.state) && job.code.endsWith(':0');
      expect([job.job_id, records.get(String(job.job_id))?.exitCode]).toEqual([
        job.job_id,
        uncertain ? null : job.code,
      ]);
    }
    // These two returned 3, and 22.05 prints SUCCESS and 0.
    expect([records.get('2')?.exitCode, records.get('234')?.exitCode]).toEqual([null, null]);
    expect(records.get('250')?.exitCode).toBe('0:9');
  });

  it('knows a limit unless the job left before the limit of its partition was looked up', () => {
    const records = read('slurm-22.05');
    for (const job of recordedTruth('slurm-22.05').jobs.filter(({ in_sacct: inSacct }) => inSacct)) {
      const neverLookedUp = ['6', '241'].includes(String(job.job_id));
      expect(records.get(String(job.job_id))?.timeLimit).toBe(neverLookedUp ? null : job.time_limit_s);
    }
  });

  it('has no restart count, no paths of output and no name of a reservation', () => {
    for (const record of read('slurm-22.05').values()) {
      expect(record).toMatchObject({ restartCount: null, stdout: null, stderr: null, stdin: null, reservation: null });
    }
  });

  it('counts the nodes and CPUs that a waiting job asked for', () => {
    expect(read('slurm-22.05').get('237')).toMatchObject({ nodes: null, nodeCount: 2, cpus: 2 });
  });

  it("has the owner's comment", () => {
    expect(read('slurm-22.05').get('1')?.comment).toBe('hello');
  });
});

describe('sacct --json of 24.11', () => {
  const accounted = recordedTruth('slurm-24.11').jobs.filter((job) => job.in_sacct);

  it('tells every exit code, limit and restart', () => {
    const records = read('slurm-24.11');
    for (const job of accounted) {
      expect(records.get(String(job.job_id))).toMatchObject({
        exitCode: job.sacct_differs?.exit ?? `${job.exit_code}:${job.exit_signal}`,
        timeLimit: job.time_limit_s,
        restartCount: job.restarts,
      });
    }
  });

  it('has the reservation', () => {
    const reserved = [...read('slurm-24.11').values()].filter(({ reservation }) => reservation !== null);
    expect(new Set(reserved.map(({ reservation }) => reservation))).toEqual(new Set(['course']));
  });
});

describe('the waiting tasks of an array', () => {
  it('are written as squeue writes them', () => {
    const array = { job_id: 19, task_id: null, task: '0x3C0', limits: { max: { running: { tasks: 2 } } } };
    const { records } = readAccountingJson(
      JSON.stringify({ jobs: [{ job_id: 19, state: { current: 'PENDING' }, array }] }),
    );
    expect(records[0]).toMatchObject({ arrayJobId: '19', arrayTaskId: null, arrayTaskString: '6-9%2' });
  });
});
