import { recordedText } from '../../test/support/recorded-cluster.js';
import { readDocument } from '../../test/support/read-document.js';
import { jobReader, jobToSlurmPart } from './index.js';

const MILA = { name: 'mila', accountKind: 'mila', timeZone: 'America/Toronto' } as const;
const BELUGA = { name: 'beluga', accountKind: 'cc', timeZone: 'UTC' } as const;

function jobs() {
  const { records } = readDocument(jobReader('controller-json', MILA), recordedText('slurm-22.05', 'squeue.json'));
  return new Map(records.map((record) => [record.jobId, record]));
}

function job(id: string) {
  const record = jobs().get(id);
  if (record === undefined) throw new Error(`no job ${id}`);
  return record;
}

describe("a job's slurm dict", () => {
  it('has the whole of a running job', () => {
    expect(jobToSlurmPart(job('232'), MILA)).toEqual({
      job_id: '232',
      name: 'train-resnet',
      mila_cluster_username: 'milauser01',
      uid: '1002',
      account: 'mila',
      job_state: 'RUNNING',
      exit_code: '0:0',
      time_limit: 7200,
      submit_time: '2026-11-24T05:12:32-05:00',
      start_time: '2026-11-24T05:12:35-05:00',
      end_time: '2026-11-24T07:12:35-05:00',
      partition: 'main',
      nodes: 'cn-a001',
      resv_name: null,
      command: null,
      work_dir: '/tmp',
      stderr: null,
      stdin: '/dev/null',
      stdout: null,
      cluster_name: 'mila',
      array_job_id: null,
      array_task_id: null,
      array_task_string: null,
      het_job_id: null,
      het_job_offset: null,
      eligible_time: '2026-11-24T05:12:32-05:00',
      state_flags: [],
      state_reason: 'None',
      restart_count: 0,
      qos: 'normal',
      priority: 4294901752,
      num_nodes: 1,
      num_cpus: 1,
      tres_requested: 'cpu=1,mem=100M,node=1,billing=1,gres/gpu=1',
      tres_allocated: 'cpu=1,node=1,billing=1,gres/gpu=1',
      dependency: null,
      comment: 'resnet sweep',
    });
  });

  it("writes the times of a waiting job as the documentation's example does", () => {
    expect(jobToSlurmPart(job('240'), BELUGA)).toMatchObject({
      job_state: 'PENDING',
      submit_time: '2026-11-24T10:12:32+00:00',
      start_time: 'Unknown',
      end_time: 'Unknown',
      eligible_time: 'Unknown',
      nodes: null,
    });
  });

  it("has the account's name under the key of the cluster's kind alone", () => {
    const part = jobToSlurmPart(job('232'), BELUGA);
    expect(part['cc_account_username']).toBe('milauser01');
    expect(part).not.toHaveProperty('mila_cluster_username');
    // The name that Clockwork gives the cluster, not the one it has in Slurm.
    expect(part['cluster_name']).toBe('beluga');
  });

  it('has ids as texts and numbers within them as integers', () => {
    expect(jobToSlurmPart(job('248'), MILA)).toMatchObject({ job_id: '248', array_job_id: '235', array_task_id: 0 });
    expect(jobToSlurmPart(job('244'), MILA)).toMatchObject({ job_id: '244', het_job_id: '243', het_job_offset: 1 });
    expect(jobToSlurmPart(job('235'), MILA)).toMatchObject({
      job_id: '235',
      array_job_id: '235',
      array_task_id: null,
      array_task_string: '2-9%2',
    });
  });

  it('writes the flags and the reservation where there are any', () => {
    const record = { ...job('232'), stateFlags: ['COMPLETING'], reservation: 'transtech' };
    expect(jobToSlurmPart(record, MILA)).toMatchObject({ state_flags: ['COMPLETING'], resv_name: 'transtech' });
  });

  it('writes each time with the offset of its own day', () => {
    const record = { ...job('232'), submitTime: 1793511000, startTime: 1793516400 };
    expect(jobToSlurmPart(record, MILA)).toMatchObject({
      submit_time: '2026-11-01T01:30:00-04:00',
      start_time: '2026-11-01T02:00:00-05:00',
    });
  });

  it('shares nothing with the record', () => {
    const record = { ...job('232'), stateFlags: ['COMPLETING'] };
    const part = jobToSlurmPart(record, MILA);
    record.stateFlags.push('SIGNALING');
    expect(part['state_flags']).toEqual(['COMPLETING']);
  });
});
