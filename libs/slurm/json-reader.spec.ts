import { readDocument } from '../../test/support/read-document.js';
import { jobReader, nodeReader, SlurmFormatError } from './index.js';

const UTC = { timeZone: 'UTC' };
const readControllerJson = (text: string) => readDocument(jobReader('controller-json', UTC), text);
const readAccountingJson = (text: string) => readDocument(jobReader('accounting-json', UTC), text);
const readNodeJson = (text: string) => readDocument(nodeReader('node-json', UTC), text);

const squeue = (jobs: unknown, rest: object = {}): string => JSON.stringify({ meta: {}, errors: [], jobs, ...rest });
const job = (members: object = {}) => ({ job_id: 7, job_state: 'RUNNING', ...members });

describe('a document that is not what was asked for', () => {
  it.each([
    ['', 'Slurm printed nothing.'],
    [' \n', 'Slurm printed nothing.'],
    [
      'slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n',
      'What Slurm printed is no JSON object, or was cut short; it begins "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\\n".',
    ],
    ['{"jobs": [', 'What Slurm printed is no JSON object, or was cut short; it begins "{\\"jobs\\": [".'],
    ['[]', 'What Slurm printed is no JSON object, or was cut short; it begins "[]".'],
    ['null', 'What Slurm printed is no JSON object, or was cut short; it begins "null".'],
    ['{"jobs": {}}', 'What Slurm printed has no list named "jobs".'],
    ['{"__proto__": {"jobs": []}}', 'What Slurm printed has no list named "jobs".'],
  ])('%j', (text, message) => {
    expect(() => readControllerJson(text)).toThrow(new SlurmFormatError(message));
  });

  it('says what to ask a later sinfo for', () => {
    expect(() => readNodeJson('{"sinfo": []}')).toThrow('`scontrol show node --json` lists the nodes');
  });

  it('quotes only the beginning of what was printed', () => {
    expect(() => readControllerJson('x'.repeat(1_000_000))).toThrow(/^.{0,250}$/);
  });
});

describe('errors in the envelope', () => {
  it.each([
    [{ error: 'Unable to contact slurm controller', errno: 1 }, 'Unable to contact slurm controller'],
    [{ description: 'Query failed', error_number: 1, error: 'No route', source: 'x' }, 'No route: Query failed'],
    [{ error: 'Same', description: 'Same' }, 'Same'],
    [{ errno: 5 }, '{"errno":5}'],
    ['text', '"text"'],
  ])('%j is told where there are no jobs', (error, told) => {
    const message = `Slurm listed no jobs but errors: ${told}.`;
    expect(() => readControllerJson(squeue([], { errors: [error] }))).toThrow(new SlurmFormatError(message));
    expect(() => readControllerJson(JSON.stringify({ errors: [error] }))).toThrow(new SlurmFormatError(message));
  });

  it('does not hide jobs that are there', () => {
    expect(readControllerJson(squeue([job()], { errors: [{ error: 'partly' }] })).records).toHaveLength(1);
  });

  it('takes an empty list without errors for an idle cluster', () => {
    expect(readControllerJson(squeue([]))).toEqual({
      records: [],
      summary: { records: 0, skippedCount: 0, skipped: [], slurmVersion: null, clusterName: null },
    });
  });
});

describe('an empty list', () => {
  const answer = (members: object) => JSON.stringify({ jobs: [], errors: [], warnings: [], ...members });
  const at = (number: number) => ({ set: true, infinite: false, number });

  it('is no cluster without jobs where the controller never told any', () => {
    // 24.11's `scontrol show job --json` of a dead slurmctld, with status 0.
    expect(() => readControllerJson(answer({ last_update: at(0) }))).toThrow('is slurmctld running?');
    expect(readControllerJson(answer({ last_update: at(1_795_541_466) })).summary.records).toBe(0);
  });

  it('is an answer where a warning says that nothing changed', () => {
    const warnings = [{ description: 'No job changes since update_time[1795545000]', source: 'op_handler_jobs' }];
    expect(readControllerJson(answer({ last_update: at(0), warnings })).summary.records).toBe(0);
  });

  it("is an answer where 22.05's sacct calls it an error that it found nothing", () => {
    const errors = [{ description: 'Nothing found', error_number: 9003, error: 'Nothing found with query' }];
    expect(readAccountingJson(answer({ errors })).summary.records).toBe(0);
    expect(() => readAccountingJson(answer({ errors: [...errors, { error: 'No route' }] }))).toThrow(
      'errors: No route.',
    );
  });
});

describe('records that cannot be read', () => {
  it.each<[unknown, string | null, string, string]>([
    [null, null, '', 'is missing, not an object'],
    [5, null, '', 'is the number 5, not an object'],
    [[], null, '', 'is a list, not an object'],
    [{ job_state: 'RUNNING' }, null, 'job_id', 'is missing'],
    [job({ job_id: 0 }), '0', 'job_id', 'is missing'],
    [job({ job_id: '7' }), '7', 'job_id', 'is a text, not a number'],
    [job({ job_id: -7 }), '-7', 'job_id', 'is the number -7, not a whole number from 0 up'],
    [{ job_id: 7 }, '7', 'job_state', 'is missing'],
    [job({ job_state: [] }), '7', 'job_state', 'is missing'],
    [job({ job_state: ' ' }), '7', 'job_state', 'is missing'],
    [job({ job_state: 3 }), '7', 'job_state', 'is the number 3, not a text'],
    [job({ name: {} }), '7', 'name', 'is an object, not a text'],
    [job({ submit_time: 'Unknown' }), '7', 'submit_time', 'is a text, not a number'],
    [job({ time_limit: true }), '7', 'time_limit', 'is a boolean, not a number'],
    [job({ array_job_id: 3, array_task_id: [] }), '7', 'array_task_id', 'is a list, not a number'],
  ])('%j', (broken, id, field, reason) => {
    const reading = readControllerJson(squeue([job({ job_id: 1 }), broken, job({ job_id: 2 })]));
    expect(reading.records.map(({ jobId }) => jobId)).toEqual(['1', '2']);
    expect(reading.summary.skipped).toEqual([{ index: 1, id, field, reason }]);
  });

  it('are all counted, and the first hundred named', () => {
    const { summary, records } = readControllerJson(squeue([...Array.from({ length: 250 }, () => 5), job()]));
    expect(summary).toMatchObject({ records: 1, skippedCount: 250 });
    expect(summary.skipped.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(records).toHaveLength(1);
  });

  it('are named by the whole path where Slurm nests', () => {
    const reading = readAccountingJson(
      JSON.stringify({ jobs: [{ job_id: 7, state: { current: 'RUNNING' }, time: { limit: 'x' } }] }),
    );
    expect(reading.summary.skipped).toEqual([
      { index: 0, id: '7', field: 'time.limit', reason: 'is a text, not a number' },
    ]);
  });

  it('are found among nodes too', () => {
    const reading = readNodeJson(
      JSON.stringify({ nodes: [{ name: 'a', state: 'idle' }, { name: 'b' }, { state: 'idle' }] }),
    );
    expect(reading.records.map(({ name }) => name)).toEqual(['a']);
    expect(reading.summary.skipped).toEqual([
      { index: 1, id: 'b', field: 'state', reason: 'is missing' },
      { index: 2, id: null, field: 'name', reason: 'is missing' },
    ]);
  });
});

describe('records with next to nothing in them', () => {
  it('have null for whatever is absent, and nothing of what every object inherits', () => {
    const [record] = readControllerJson(
      '{"jobs": [{"job_id": 7, "job_state": "RUNNING", "__proto__": {"name": "no", "nodes": "no"}}]}',
    ).records;
    expect(record).toMatchObject({
      jobId: '7',
      state: 'RUNNING',
      name: '',
      nodes: null,
      exitCode: null,
      submitTime: null,
    });
    expect(({} as Record<string, unknown>)['nodes']).toBeUndefined();
  });

  it.each(['__proto__', 'constructor', 'é火🚀', 'a\n JobId=9', '|"\'\\'])('keep the name %j as it is', (name) => {
    expect(readControllerJson(squeue([job({ name })])).records[0]?.name).toBe(name);
  });
});
