import fc from '../support/seeded-fast-check.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobRecord, type PublicJob } from '../support/job-records.js';

const TERMINAL = [
  'BOOT_FAIL',
  'CANCELLED',
  'COMPLETED',
  'DEADLINE',
  'FAILED',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'REVOKED',
  'TIMEOUT',
];
const NOT_TERMINAL = ['PENDING', 'RUNNING', 'SUSPENDED', 'COMPLETING', 'REQUEUED', 'STOPPED', 'CONFIGURING'];
/** Seconds that may pass between the making of the jobs and the last request: no age is tried so close to its bound. */
const TEST_TAKES = 120;
const AGES = [300, 3_600, 3_900, 86_400, 86_800, 604_800, 31_536_000];

describe('time', () => {
  let service: ClockworkService;
  let key: string;
  /** How long ago each finished job with a known end ended, by its id. */
  const ages = new Map<string, number>();
  /** Jobs that no `time` drops. */
  const kept: string[] = [];

  beforeAll(async () => {
    service = await startService();
    key = await service.keyOf('reader@example.org');
    const now = Date.now();
    /** An instant in the past, as a cluster in another zone writes it. */
    const ago = (seconds: number, offsetHours: number) =>
      new Date(now - seconds * 1000 + offsetHours * 3_600_000)
        .toISOString()
        .replace(/\.\d+Z$/, `${offsetHours < 0 ? '-' : '+'}0${Math.abs(offsetHours)}:00`);
    const jobs: object[] = [];
    const add = (slurm: Record<string, unknown>) => {
      const job_id = String(jobs.length + 1);
      jobs.push(jobRecord({ slurm: { job_id, ...slurm } }));
      return job_id;
    };
    TERMINAL.forEach((job_state, index) => {
      for (const age of AGES) ages.set(add({ job_state, end_time: ago(age, (index % 9) - 4) }), age);
      kept.push(add({ job_state, end_time: 'Unknown' }), add({ job_state, end_time: ago(-3_600, -4) }));
    });
    ages.set(add({ job_state: 'COMPLETED', state_flags: ['COMPLETING'], end_time: ago(3_600, -4) }), 3_600);
    ages.set(add({ job_state: 'CANCELLED by 123', end_time: ago(3_600, -4) }), 3_600);
    for (const job_state of NOT_TERMINAL) {
      kept.push(add({ job_state, end_time: ago(31_536_000, -4) }), add({ job_state, end_time: 'Unknown' }));
    }
    await service.load({ jobs });
  });

  afterAll(() => service.stop());

  async function ids(query: string): Promise<Set<string>> {
    const { status, body, text } = await service.request(`/jobs/list?${query}`, { key });
    if (status !== 200) throw new Error(`${query}: ${text}`);
    return new Set((body as PublicJob[]).map(({ slurm }) => slurm.job_id));
  }

  async function expectRefused(query: string, name: string): Promise<void> {
    const { status, body } = await service.request(`/jobs/list?${query}`, { key });
    expect([query, status]).toEqual([query, 400]);
    expect((body as { detail: string }).detail).toMatch(new RegExp(`^${name}: `));
  }

  it('drops a finished job that ended more than that many seconds ago, and no other', async () => {
    const clear = (seconds: number) => AGES.every((age) => seconds < age || seconds > age + TEST_TAKES);
    const seconds = fc.oneof(
      fc.nat(1_000_000).filter(clear),
      fc.nat(40_000_000).filter(clear),
      fc.constantFrom(...AGES.flatMap((age) => [age - 1, age + TEST_TAKES + 1])),
    );
    await fc.assert(
      fc.asyncProperty(seconds, async (time) => {
        const expected = [...ages].filter(([, age]) => age <= time).map(([id]) => id);
        expect(await ids(`time=${time}`)).toEqual(new Set([...kept, ...expected]));
      }),
      { numRuns: 60 },
    );
  });

  it('of 0 keeps what is not finished, what has no known end, and what ends later', async () => {
    expect(await ids('time=0')).toEqual(new Set(kept));
  });

  it('keeps all where it is not given', async () => {
    expect((await ids('')).size).toBe(ages.size + kept.length);
  });

  it('may be any non-negative integer, however large, and with zeros before it', async () => {
    for (const time of ['99999999999', '9007199254740993', '1'.repeat(30), '9'.repeat(400)]) {
      expect((await ids(`time=${time}`)).size).toBe(ages.size + kept.length);
    }
    expect(await ids('time=000')).toEqual(new Set(kept));
  });

  it('is 400 for anything else', async () => {
    for (const time of [
      '%2B5',
      '+5',
      '1e3',
      '1.5',
      '5.',
      'abc',
      '-1',
      '-0',
      '5%20',
      '%205',
      '0x10',
      '5s',
      'Infinity',
      'NaN',
      '٣',
      '5,6',
      'null',
    ]) {
      await expectRefused(`time=${encodeURI(time).replaceAll('%25', '%')}`, 'time');
    }
    const other = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/^[0-9]+$/.test(text));
    await fc.assert(
      fc.asyncProperty(other, (text) => expectRefused(`time=${encodeURIComponent(text)}`, 'time')),
      { numRuns: 60 },
    );
  });

  it('is 400 where it is empty, given twice or an object', async () => {
    for (const query of ['time=', 'time', 'time=5&time=5', 'time[$gt]=5', 'time[]=5'])
      await expectRefused(query, 'time');
  });

  it('is also called relative_time', async () => {
    expect(await ids('relative_time=7200')).toEqual(await ids('time=7200'));
    expect(await ids('relative_time=7200&time=7200')).toEqual(await ids('time=7200'));
    await expectRefused('relative_time=abc', 'relative_time');
    await expectRefused('relative_time=', 'relative_time');
  });

  it('is 400 where both names are given and different', async () => {
    const { status, body } = await service.request('/jobs/list?time=5&relative_time=6', { key });
    expect(status).toBe(400);
    expect((body as { detail: string }).detail).toMatch(/relative_time and time/);
  });
});
