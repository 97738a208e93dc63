import fc from '../../test/support/seeded-fast-check.js';
import { BSON } from 'mongodb';
import { NO_NAMES } from '#libs/auth';
import { isFieldError } from '#libs/common';
import { bsonToJson, readJson, type JsonObject, type JsonValue } from '#libs/json';
import { JOB_STATES } from '#libs/slurm';
import { arbitraryJsonValue } from '../../test/support/arbitrary-json.js';
import type { JobInput } from './job-input.js';
import { jobInput } from './job-record.js';

const SLURM = { cluster_name: 'mila', job_id: '5', job_state: 'RUNNING' };

function read(record: unknown): ReturnType<typeof jobInput> {
  const text = typeof record === 'string' ? record : JSON.stringify(record);
  return jobInput(readJson(text, { maxDepth: 100 }) as JsonObject);
}

function taken(record: unknown): JobInput {
  const input = read(record);
  if (isFieldError(input)) throw new Error(`${input.field}: ${input.message}`);
  return input;
}

const plain = (value: JsonObject): unknown => JSON.parse(bsonToJson(BSON.serialize(value)).toString()) as unknown;
const slurmOf = (fields: object): unknown => plain(taken({ slurm: { ...SLURM, ...fields } }).slurm);

describe('jobInput', () => {
  it('takes a job, further fields of Slurm as they are', () => {
    const slurm = { ...SLURM, name: 'a', nodes: null, tres_allocated: 'cpu=4', x: { y: [1] } };
    const input = taken({ slurm, cw: { phase: 'finished', outcome: 'failed' }, user: { a: 1 }, more: 1 });
    expect(plain(input.slurm)).toEqual(slurm);
    expect(input.given).toEqual(NO_NAMES);
    expect(input.attempts).toEqual([]);
    expect(plain(input.user ?? new Map<string, JsonValue>())).toEqual({ a: 1 });
  });

  it('takes a job with nothing but what is needed', () => {
    expect(taken({ slurm: SLURM })).toMatchObject({ given: NO_NAMES, attempts: [], user: null });
    expect(taken({ slurm: SLURM, cw: null, user: null })).toMatchObject({ given: NO_NAMES, attempts: [], user: null });
  });

  it.each<[object, object]>([
    [{ job_id: 820432 }, { job_id: '820432' }],
    [
      { uid: 10001, array_job_id: 5, het_job_id: 6 },
      { uid: '10001', array_job_id: '5', het_job_id: '6' },
    ],
    [
      { submit_time: null, start_time: null, end_time: null },
      { submit_time: 'Unknown', start_time: 'Unknown', end_time: 'Unknown' },
    ],
    [{ submit_time: '2020-02-04T03:22:55-05:00' }, { submit_time: '2020-02-04T03:22:55-05:00' }],
    [{ end_time: 'Unknown' }, { end_time: 'Unknown' }],
    [{ job_state: 'running' }, { job_state: 'RUNNING' }],
    [{ job_state: 'CANCELLED by 123' }, { job_state: 'CANCELLED' }],
    [{ job_state: ['COMPLETING', 'FAILED'] }, { job_state: 'FAILED', state_flags: ['COMPLETING'] }],
    [
      { job_state: 'FAILED,COMPLETING', state_flags: [] },
      { job_state: 'FAILED', state_flags: [] },
    ],
    [{ job_state: 'HIBERNATED' }, { job_state: 'HIBERNATED' }],
    [
      { uid: null, array_task_id: null, time_limit: null, partition: null },
      { uid: null, array_task_id: null, time_limit: null, partition: null },
    ],
    [
      { array_task_id: 0, time_limit: 10800, restart_count: 2 },
      { array_task_id: 0, time_limit: 10800, restart_count: 2 },
    ],
  ])('brings %j into the stored form', (fields, stored) => {
    expect(slurmOf(fields)).toEqual({ ...SLURM, ...fields, ...stored });
  });

  it.each(JOB_STATES)('takes the state %s', (state) => {
    expect(slurmOf({ job_state: state })).toMatchObject({ job_state: state });
  });

  it('leaves the record as it was', () => {
    const record = readJson('{"slurm":{"cluster_name":"mila","job_id":5,"job_state":"running"}}', { maxDepth: 5 });
    jobInput(record as JsonObject);
    expect(plain(record as JsonObject)).toEqual({ slurm: { cluster_name: 'mila', job_id: 5, job_state: 'running' } });
  });

  it.each<[string, unknown[]]>([
    ['cluster_name', [undefined, null, '', 5, 'a,b', 'a\0', ['mila'], { $ne: 1 }]],
    ['job_id', [undefined, null, '', 'x', '-5', '5_7', '5.batch', 5.5, -5, '5 ', '1'.repeat(19), ['5'], true, '٣']],
    ['job_state', [undefined, null, '', ' ', 5, [], ['RUNNING', 5], {}, '1', '$RUNNING']],
    [
      'submit_time',
      ['', 'yesterday', '2020-02-04', '2020-02-04T03:22:55', '2021-02-30T00:00:00Z', 1580804575, 'unknown', {}],
    ],
    ['start_time', ['N/A', 0]],
    ['end_time', ['None', false]],
    ['partition', [5, ['main']]],
    ['account', [5]],
    ['nodes', [['cn-a001']]],
    ['cc_account_username', [5]],
    ['mila_cluster_username', [{}]],
    ['uid', ['ada', -1, 1.5]],
    ['array_job_id', ['5_7']],
    ['het_job_id', ['x']],
    ['array_task_id', ['7', 1.5, '1-3']],
    ['het_job_offset', ['0']],
    ['time_limit', ['UNLIMITED', '3:00:00', 0.5]],
    ['restart_count', ['1', true]],
  ])('names slurm.%s where it is wrong', (field, values) => {
    for (const value of values) {
      expect([value, read({ slurm: { ...SLURM, [field]: value } })]).toEqual([
        value,
        { field: `slurm.${field}`, message: expect.stringMatching(/^it must be /) as string },
      ]);
    }
  });

  it.each<[string, object]>([
    ['slurm', {}],
    ['slurm', { slurm: null }],
    ['slurm', { slurm: [] }],
    ['slurm', { slurm: 'x' }],
    ['cw', { slurm: SLURM, cw: [] }],
    ['cw', { slurm: SLURM, cw: 'x' }],
    ['cw.mila_email_username', { slurm: SLURM, cw: { mila_email_username: 5 } }],
    ['cw.cc_account_username', { slurm: SLURM, cw: { cc_account_username: ['a'] } }],
    ['cw.attempts', { slurm: SLURM, cw: { attempts: {} } }],
    ['cw.attempts', { slurm: SLURM, cw: { attempts: [{}, 5] } }],
    ['user', { slurm: SLURM, user: [] }],
    ['user', { slurm: SLURM, user: 'x' }],
    ['user', { slurm: SLURM, user: { a: 'x'.repeat(1024 * 1024) } }],
  ])('names %s where it is wrong: %.80j', (field, record) => {
    expect(read(record)).toMatchObject({ field, message: expect.stringMatching(/^it (must be|may )/) as string });
  });

  it('takes a dict of 32 levels and no more', () => {
    const record = (levels: number): string =>
      `{"slurm":${JSON.stringify(SLURM)},"user":${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}}`;
    expect(isFieldError(read(record(32)))).toBe(false);
    expect(read(record(33))).toEqual({ field: 'user', message: 'it may be at most 32 levels deep' });
  });

  it('gives an answer to any record, and never keeps what the API could not be asked for', () => {
    const record = fc.record(
      {
        slurm: fc.dictionary(
          fc.constantFrom('cluster_name', 'job_id', 'job_state', 'submit_time', 'uid', 'array_task_id', 'partition'),
          fc.oneof(arbitraryJsonValue, fc.constantFrom<JsonValue>('5', 'mila', 'RUNNING', 'Unknown', null)),
        ),
        cw: arbitraryJsonValue,
        user: arbitraryJsonValue,
      },
      { requiredKeys: ['slurm'] },
    );
    fc.assert(
      fc.property(record, ({ slurm, ...rest }) => {
        const input = jobInput(
          new Map<string, JsonValue>([...Object.entries(rest), ['slurm', new Map(Object.entries(slurm))]]),
        );
        if (isFieldError(input)) expect(input.field).toMatch(/^(slurm|cw|user)(\.\w+)?$/);
        else expect(input.slurm.get('job_id')).toMatch(/^\d+$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the names of a job', () => {
  const given = (slurm: object, cw: object | null) => taken({ slurm: { ...SLURM, ...slurm }, cw }).given;
  const names = (cc: string | null, mila: string | null, email: string | null) => ({
    cc_account_username: cc,
    mila_cluster_username: mila,
    mila_email_username: email,
  });

  it.each([
    [{ cc_account_username: 'ccuser01' }, null, names('ccuser01', null, null)],
    [{ mila_cluster_username: 'milauser12' }, {}, names(null, 'milauser12', null)],
    [{ cc_account_username: 'a' }, { cc_account_username: 'b' }, names('b', null, null)],
    [{ cc_account_username: 'a' }, { cc_account_username: null }, names('a', null, null)],
    [{ cc_account_username: 'a' }, { cc_account_username: '' }, names('a', null, null)],
    [{ cc_account_username: null }, { mila_cluster_username: 'b' }, names(null, 'b', null)],
    [{ cc_account_username: '' }, null, NO_NAMES],
    [{ mila_email_username: 'ada@example.org' }, null, NO_NAMES],
    [{}, { mila_email_username: 'Ada@Example.org' }, names(null, null, 'ada@example.org')],
    [{ mila_cluster_username: 'Ada' }, null, names(null, 'Ada', null)],
    // As an export gives them: what the users table filled in is not the job's own.
    [
      { mila_cluster_username: 'ada' },
      { ...names('ada01', 'ada', 'ada@example.org'), filled_in: ['cc_account_username', 'mila_email_username'] },
      names(null, 'ada', null),
    ],
    [{}, { ...names('ada01', null, null), filled_in: ['cc_account_username'] }, NO_NAMES],
    [{}, { ...names('ada01', null, null), filled_in: 'cc_account_username' }, names('ada01', null, null)],
  ])('of slurm %j and cw %j are %j', (slurm, cw, expected) => {
    expect(given(slurm, cw)).toEqual(expected);
  });
});
