import fc from '../../test/support/seeded-fast-check.js';
import { NO_NAMES } from '#libs/auth';
import { fromPlainJson, type JsonObject, type PlainJson } from '#libs/json';
import { jobInputOf } from '../../test/support/job-inputs.js';
import { FIELDS_TO_KEEP, type KnownJob, withKnownFields } from './untold-fields.js';

const NEEDED = { cluster_name: 'mila', job_id: '5', job_state: 'RUNNING' };

function known(slurm: Record<string, unknown>, more: Partial<KnownJob> = {}): KnownJob {
  return { slurm: { ...NEEDED, ...slurm }, given: NO_NAMES, ended: false, ...more };
}

const CONTROLLER = { origin: 'controller', isSameAttempt: true } as const;
const ACCOUNTING = { origin: 'accounting', isSameAttempt: true } as const;
const REQUEUED = { origin: 'accounting', isSameAttempt: false } as const;

describe('what a source does not tell', () => {
  const field = (input: Record<string, PlainJson>, before: KnownJob, how: Parameters<typeof withKnownFields>[2]) => {
    const [name = ''] = Object.keys(input);
    return withKnownFields(jobInputOf({ ...NEEDED, ...input }), before, how).slurm.get(name);
  };

  it.each<
    [string, Record<string, PlainJson>, Record<string, unknown>, Parameters<typeof withKnownFields>[2], PlainJson]
  >([
    ['null stays known', { command: null }, { command: '/a' }, CONTROLLER, '/a'],
    ['an empty text stays known', { stdout: '' }, { stdout: '/a' }, CONTROLLER, '/a'],
    ['an unknown time stays known', { submit_time: 'Unknown' }, { submit_time: 'x' }, CONTROLLER, 'x'],
    ['an integer stays one', { num_cpus: null }, { num_cpus: 4 }, CONTROLLER, 4],
    ['a large one too', { priority: null }, { priority: 4_294_901_760 }, ACCOUNTING, 4_294_901_760],
    ['what is told counts', { command: '/b' }, { command: '/a' }, CONTROLLER, '/b'],
    ['what nobody knows stays so', { command: null }, { command: null }, CONTROLLER, null],
    ['of the controller it is a statement', { dependency: null }, { dependency: 'after:1' }, CONTROLLER, null],
    ['where accounting has no such field', { dependency: null }, { dependency: 'after:1' }, ACCOUNTING, 'after:1'],
    ['unlimited', { time_limit: null }, { time_limit: 60 }, CONTROLLER, null],
    ['a limit that accounting did not look up', { time_limit: null }, { time_limit: 60 }, ACCOUNTING, 60],
    ['no start', { start_time: 'Unknown' }, { start_time: 'x' }, ACCOUNTING, 'Unknown'],
    ['no nodes', { nodes: null }, { nodes: 'cn-a001' }, ACCOUNTING, null],
    ['no exit code after a running job', { exit_code: null }, { exit_code: '0:0' }, ACCOUNTING, null],
    ['no exit code after one that was seen', { exit_code: null }, { exit_code: '3:0' }, ACCOUNTING, '3:0'],
    ['a requeue keeps what is of the job', { command: null }, { command: '/a' }, REQUEUED, '/a'],
    ['a requeue drops what is of the attempt', { exit_code: null }, { exit_code: '3:0' }, REQUEUED, null],
    ['also what it was given', { tres_allocated: null }, { tres_allocated: 'cpu=1' }, REQUEUED, null],
  ])('%s', (_, input, before, how, expected) => {
    expect(field(input, known(before), how)).toEqual(fromPlainJson(expected));
  });

  it('is an exit code that counts once the job has ended', () => {
    const before = known({ exit_code: '0:0' }, { ended: true });
    expect(field({ exit_code: null }, before, ACCOUNTING)).toBe('0:0');
  });

  it('is no name of another kind: those that the job came with stay', () => {
    const given = { ...NO_NAMES, mila_email_username: 'ada@example.org', mila_cluster_username: 'ada' };
    const input = jobInputOf({ ...NEEDED, mila_cluster_username: 'lovelace' });
    expect(withKnownFields(input, known({}, { given }), CONTROLLER).given).toEqual({
      ...NO_NAMES,
      mila_email_username: 'ada@example.org',
      mila_cluster_username: 'lovelace',
    });
  });

  it('is filled in once for all: the same record again comes to the same', () => {
    const anyValue = fc.constantFrom(null, '', 'Unknown', 'a', 'b');
    const anyPart = fc.record(Object.fromEntries(FIELDS_TO_KEEP.map((name) => [name, anyValue])));
    fc.assert(
      fc.property(anyPart, anyPart, fc.constantFrom(CONTROLLER, ACCOUNTING), fc.boolean(), (one, other, how, ended) => {
        const input = { ...jobInputOf(NEEDED), slurm: fromPlainJson({ ...NEEDED, ...other }) as JsonObject };
        const first = withKnownFields(input, known(one, { ended }), how);
        const again = withKnownFields(input, known(Object.fromEntries(first.slurm), { ended }), how);
        expect(again).toEqual(first);
        for (const [name, value] of Object.entries(other)) {
          if (value !== null && value !== '' && value !== 'Unknown') expect(first.slurm.get(name)).toBe(value);
        }
      }),
    );
  });
});
