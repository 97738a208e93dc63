import { JobWriter, LiveJobs } from '#libs/jobs';
import { exchange } from '../support/api-client.js';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { BASE } from '../support/http-exchange.js';
import { jobInputOf } from '../support/job-inputs.js';
import type { PublicJob } from '../support/job-records.js';
import { openServices, type OpenServices } from '../support/services-in-process.js';

const JOBS = 40;
const UPDATES = 25;
const UPDATERS = 8;
const STATES = ['PENDING', 'RUNNING', 'COMPLETING', 'RUNNING'];

let service: ClockworkService;
let collector: OpenServices;
let key: string;

beforeAll(async () => {
  service = await startService();
  collector = await openServices(service.environment);
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
});

afterAll(async () => {
  await collector.close();
  await service.stop();
});

/** What a cycle reads: every job another each time, and some of them requeued now and then, or not shown. */
function reading(cycle: number) {
  return Array.from({ length: JOBS }, (_, index) => ({ index, restarts: Math.floor((cycle + index) / 5) }))
    .filter(({ index }) => cycle === 0 || (index + cycle) % 7 !== 0)
    .map(({ index, restarts }) =>
      jobInputOf({
        cluster_name: 'mila',
        job_id: String(index + 1),
        mila_cluster_username: 'ada',
        job_state: STATES[(cycle + index) % STATES.length] ?? '',
        state_reason: `cycle ${cycle}`,
        submit_time: new Date(Date.UTC(2026, 0, 5) + restarts * 60_000).toISOString(),
        restart_count: restarts,
      }),
    );
}

describe('dicts that owners update while cycles run', () => {
  it('lose nothing and gain nothing', async () => {
    const writer = collector.services.get(JobWriter);
    const live = collector.services.get(LiveJobs);
    await writer.write(reading(0), 'controller');
    const updating = { now: true };
    let cycles = 0;
    const cycling = (async () => {
      for (let cycle = 1; updating.now; cycle += 1) {
        const inputs = reading(cycle);
        const shown = new Set(inputs.map(({ slurm }) => slurm.get('job_id')));
        await writer.write(inputs, 'controller');
        const missed: string[] = [];
        for await (const ids of live.idsOf('mila')) missed.push(...ids.filter((id) => !shown.has(id)));
        await live.missed('mila', missed, new Date());
        await live.giveUp('mila', new Date());
        cycles = cycle;
      }
    })();

    const expected = new Map<string, Record<string, number>>();
    const updates = Array.from({ length: JOBS * UPDATES }, (_, number) => number);
    const updaters = Array.from({ length: UPDATERS }, async () => {
      for (let number = updates.shift(); number !== undefined; number = updates.shift()) {
        const job_id = String((number % JOBS) + 1);
        const json = { job_id, update_pairs: { [`key.${number}`]: number } };
        const answer = await exchange(service.url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json });
        expect(answer.status).toBe(200);
        expected.set(job_id, { ...expected.get(job_id), [`key.${number}`]: number });
      }
    });
    await Promise.all(updaters).finally(() => {
      updating.now = false;
    });
    await cycling;

    expect(cycles).toBeGreaterThan(3);
    const { body } = await service.request('/jobs/list', { key });
    const dicts = new Map((body as PublicJob[]).map(({ slurm, user }) => [slurm.job_id, user]));
    expect(dicts).toEqual(expected);
    // The cycles did write all the while.
    expect((body as PublicJob[]).some(({ cw }) => cw.attempts.length > 0)).toBe(true);
  }, 60_000);
});
