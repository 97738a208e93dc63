import { MongoClient } from 'mongodb';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { BASE, exchange } from '../support/api-client.js';
import { jobRecord, type PublicJob } from '../support/job-records.js';

const UPDATES = 1000;
/** At work all the time while Slurm's side changes: no moment is left without an update. */
const UPDATERS = 20;
/** A part of them tells what all would take. */
const IN_TURN = 250;
const PATIENCE_MS = 120_000;

describe('updates of one job at the same moment', () => {
  let service: ClockworkService;
  let other: ApiProcess;
  let key: string;
  let database: MongoClient;

  beforeAll(async () => {
    service = await startService();
    other = await startApi(service.environment);
    database = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
    key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
    await service.load({
      jobs: ['1', '2', '3', '4', '5', '6'].map((job_id) => running({ job_id })),
    });
  });

  afterAll(async () => {
    await database.close();
    await other.stop();
    await service.stop();
  });

  async function update(url: string, jobId: string, pairs: object): Promise<number> {
    const json = { job_id: jobId, update_pairs: pairs };
    const answer = await exchange(url, `${BASE}/jobs/user_dict_update`, { method: 'PUT', key, json });
    return answer.status;
  }

  async function jobOf(jobId: string): Promise<PublicJob> {
    return (await service.request(`/jobs/one?job_id=${jobId}`, { key })).body as PublicJob;
  }

  async function dictOf(jobId: string): Promise<Record<string, unknown>> {
    return (await jobOf(jobId)).user;
  }

  const numbers = Array.from({ length: UPDATES }, (_, number) => number);
  const urlFor = (number: number) => (number % 2 === 0 ? service.url : other.url);
  const keyFor = (number: number) => `key_${number}`;
  const whole = Object.fromEntries(numbers.map((number) => [keyFor(number), number]));

  it(
    `takes effect of each of ${UPDATES} at once on two processes, at about the cost of one after another`,
    async () => {
      // Neither side pays for connections that are opened and code that runs for the first time.
      await Promise.all(numbers.slice(0, 200).map((number) => update(urlFor(number), '1', { number })));

      const inTurnStart = performance.now();
      const inTurn = [];
      for (const number of numbers.slice(0, IN_TURN))
        inTurn.push(await update(urlFor(number), '2', { [keyFor(number)]: number }));
      const inTurnTime = ((performance.now() - inTurnStart) * UPDATES) / IN_TURN;

      const atOnceStart = performance.now();
      const atOnce = await Promise.all(
        numbers.map((number) => update(urlFor(number), '3', { [keyFor(number)]: number })),
      );
      const atOnceTime = performance.now() - atOnceStart;

      process.stderr.write(
        `${UPDATES} updates into one job: ${Math.round(atOnceTime)} ms at once, ` +
          `${Math.round(inTurnTime)} ms one after another (${IN_TURN} measured), ratio ${(atOnceTime / inTurnTime).toFixed(2)}\n`,
      );
      expect(new Set(inTurn)).toEqual(new Set([200]));
      expect(new Set(atOnce)).toEqual(new Set([200]));
      expect(await dictOf('3')).toEqual(whole);
    },
    PATIENCE_MS,
  );

  it('leaves one of the values of a key that several updates give at once, and all their other keys', async () => {
    const answers = await Promise.all(
      numbers.slice(0, 50).map((number) => update(urlFor(number), '4', { shared: number, [keyFor(number)]: number })),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    const { shared, ...others } = await dictOf('4');
    expect(numbers.slice(0, 50)).toContain(shared);
    expect(Object.keys(others)).toHaveLength(50);
  });

  it('loses none while a reading of Slurm rewrites the job', async () => {
    const { acknowledged } = await updateWhile('5', () =>
      service.load({ jobs: states('5', ['COMPLETING', 'COMPLETED', 'RUNNING', 'FAILED', 'TIMEOUT']) }),
    );
    expect((await jobOf('5')).slurm['job_state']).toBe('TIMEOUT');
    expect(Object.keys(await dictOf('5')).sort()).toEqual(acknowledged.sort());
  });

  it('puts each into the old job or the new one, never into none, while Slurm issues the job id anew', async () => {
    const days = ['02', '03', '04', '05', '06'];
    const { acknowledged } = await updateWhile('6', () =>
      service.load({
        jobs: days.map((day) => running({ job_id: '6', submit_time: `2024-05-${day}T10:00:00-04:00` })),
      }),
    );
    const archived = await database.db().collection<PublicJob>('jobs_archive').find({ 'slurm.job_id': '6' }).toArray();
    expect(archived).toHaveLength(days.length);
    const dicts = [...archived.map(({ user }) => user), await dictOf('6')];
    expect(dicts.flatMap((dict) => Object.keys(dict)).sort()).toEqual(acknowledged.sort());
  });

  /** Updates a job on both processes until something else is done. */
  async function updateWhile(jobId: string, work: () => Promise<void>): Promise<{ acknowledged: string[] }> {
    const acknowledged: string[] = [];
    let done = false;
    const updater = async (url: string, name: string) => {
      for (let number = 0; !done; number += 1) {
        const pair = `${name}_${number}`;
        expect(await update(url, jobId, { [pair]: number })).toBe(200);
        acknowledged.push(pair);
      }
    };
    const updaters = numbers.slice(0, UPDATERS).map((number) => updater(urlFor(number), `updater_${number}`));
    try {
      await work();
    } finally {
      done = true;
    }
    await Promise.all(updaters);
    expect(acknowledged.length).toBeGreaterThan(10);
    return { acknowledged };
  }
});

function running(slurm: Record<string, unknown>) {
  return jobRecord({ slurm, cw: { mila_cluster_username: 'ada' } });
}

function states(jobId: string, names: readonly string[]) {
  return names.map((job_state) => running({ job_id: jobId, job_state }));
}
