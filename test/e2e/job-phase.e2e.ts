import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobRecord, type PublicJob } from '../support/job-records.js';

type Row = [state: string | string[], phase: string, outcome: string | null, shown?: string];

/** The contract's table, and the states as Slurm's commands write them. */
const BASE_STATES: Row[] = [
  ['PENDING', 'pending', null],
  ['RUNNING', 'running', null],
  ['SUSPENDED', 'running', null],
  ['COMPLETED', 'finished', 'completed'],
  ['CANCELLED', 'finished', 'cancelled'],
  ['FAILED', 'finished', 'failed'],
  ['TIMEOUT', 'finished', 'timeout'],
  ['DEADLINE', 'finished', 'timeout'],
  ['NODE_FAIL', 'finished', 'node_failure'],
  ['BOOT_FAIL', 'finished', 'node_failure'],
  ['PREEMPTED', 'finished', 'preempted'],
  ['OUT_OF_MEMORY', 'finished', 'out_of_memory'],
];
const FLAGS_ALONE: Row[] = [
  ...['CONFIGURING', 'COMPLETING', 'STOPPED', 'RESIZING', 'SIGNALING', 'STAGE_OUT'].map((flag): Row => [
    flag,
    'running',
    null,
  ]),
  ...['REQUEUED', 'REQUEUE_FED', 'REQUEUE_HOLD', 'SPECIAL_EXIT', 'RESV_DEL_HOLD'].map((flag): Row => [
    flag,
    'pending',
    null,
  ]),
  ['REVOKED', 'finished', 'cancelled'],
];
const WITH_FLAGS: Row[] = [
  [['RUNNING', 'COMPLETING'], 'running', null, 'RUNNING'],
  [['COMPLETED', 'COMPLETING'], 'finished', 'completed', 'COMPLETED'],
  [['COMPLETING', 'FAILED'], 'finished', 'failed', 'FAILED'],
  [['PENDING', 'REQUEUED'], 'pending', null, 'PENDING'],
];
const AS_WRITTEN: Row[] = [
  ['CANCELLED by 123', 'finished', 'cancelled', 'CANCELLED'],
  ['running', 'running', null, 'RUNNING'],
];
const UNKNOWN: Row[] = [['HIBERNATING', 'unknown', null]];
const ALL = [...BASE_STATES, ...FLAGS_ALONE, ...WITH_FLAGS, ...AS_WRITTEN, ...UNKNOWN];

describe('what a state comes to', () => {
  let service: ClockworkService;
  let jobs: Map<string, PublicJob>;

  beforeAll(async () => {
    service = await startService();
    const key = await service.keyOf('reader@example.org');
    const records = ALL.map(([job_state], index) => jobRecord({ slurm: { job_id: String(index + 1), job_state } }));
    await service.load({ jobs: records });
    const { body } = await service.request('/jobs/list', { key });
    jobs = new Map((body as PublicJob[]).map((job) => [job.slurm.job_id, job]));
  });

  afterAll(() => service.stop());

  function expectRow(row: Row): void {
    const [state, phase, outcome, shown = state] = row;
    const job = jobs.get(String(ALL.indexOf(row) + 1));
    expect(job?.slurm['job_state']).toBe(shown);
    expect(job?.cw).toMatchObject({ phase, outcome });
  }

  const rows = (table: Row[]) =>
    table.map((row) => ({ state: String(row[0]), phase: row[1], outcome: String(row[2]), row }));

  describe('the base state decides', () => {
    it.each(rows(BASE_STATES))('$state is $phase, outcome $outcome', ({ row }) => {
      expectRow(row);
    });
    it.each(rows(WITH_FLAGS))('$state is $phase, outcome $outcome', ({ row }) => {
      expectRow(row);
    });
  });

  describe('a flag alone decides where a source shows no base state', () => {
    it.each(rows(FLAGS_ALONE))('$state is $phase, outcome $outcome', ({ row }) => {
      expectRow(row);
    });
  });

  describe('a state as a source may write it', () => {
    it.each(rows(AS_WRITTEN))('$state is $phase, outcome $outcome', ({ row }) => {
      expectRow(row);
    });
  });

  it.each(rows(UNKNOWN))('$state, which no Slurm has, is $phase, outcome $outcome: no end is guessed', ({ row }) => {
    expectRow(row);
  });
});
