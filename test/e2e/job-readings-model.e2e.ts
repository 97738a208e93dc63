import fc from '../support/seeded-fast-check.js';
import { MongoClient } from 'mongodb';
import { JobWriter, LiveJobs } from '#libs/jobs';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { jobInputOf } from '../support/job-inputs.js';
import { type JobStore, ModelReader, type SeenJob } from '../support/model-reader.js';
import { openServices, type OpenServices } from '../support/services-in-process.js';
import { anyCommand, type ModelRecord, OFFERS, SlurmModel } from '../support/slurm-model.js';

const RUNS = 4;
const GIVE_UP_AFTER_S = 300;

let service: ClockworkService;
let collector: OpenServices;
let database: MongoClient;
let keys: string[];

beforeAll(async () => {
  service = await startService();
  collector = await openServices(service.environment);
  database = await MongoClient.connect(service.environment['MONGODB_URI'] ?? '');
  keys = [];
  for (const user of ['user0', 'user1']) {
    keys.push(await service.keyOf(`${user}@example.org`, ['--cluster-username', user]));
  }
});

afterAll(async () => {
  await collector.close();
  await database.close();
  await service.stop();
});

/** The service: readings written as the collector does, dicts over HTTP. */
class StoredJobs implements JobStore {
  constructor(private readonly cluster: string) {}

  async write(records: readonly ModelRecord[], origin: 'controller' | 'accounting', now: number): Promise<void> {
    const inputs = records.map(({ slurm, identity }) => jobInputOf(slurm, identity));
    await collector.services.get(JobWriter).write(inputs, origin);
    if (origin === 'controller')
      await this.sweep(
        inputs.map(({ slurm }) => slurm.get('job_id')),
        now,
      );
  }

  private async sweep(shown: readonly unknown[], now: number): Promise<void> {
    const live = collector.services.get(LiveJobs);
    const missed: string[] = [];
    for await (const ids of live.idsOf(this.cluster)) missed.push(...ids.filter((id) => !shown.includes(id)));
    await live.missed(this.cluster, missed, new Date(now * 1000));
    await live.giveUp(this.cluster, new Date((now - GIVE_UP_AFTER_S) * 1000));
  }

  async writeDict({ slurm }: SeenJob, dictKey: string): Promise<void> {
    const json = { job_id: slurm['job_id'], cluster_name: this.cluster, update_pairs: { [dictKey]: 1 } };
    const key = keys[Number(String(slurm['mila_cluster_username']).replace('user', ''))] ?? '';
    const { status } = await service.request('/jobs/user_dict_update', { method: 'PUT', key, json });
    if (status !== 200) throw new Error(`the dict was refused with ${status}`);
  }

  current(): Promise<SeenJob[]> {
    return this.jobsIn('jobs');
  }

  archived(): Promise<SeenJob[]> {
    return this.jobsIn('jobs_archive');
  }

  private async jobsIn(collection: string): Promise<SeenJob[]> {
    const jobs = await database
      .db()
      .collection<SeenJob & { user: object }>(collection)
      .find({ 'slurm.cluster_name': this.cluster })
      .toArray();
    return jobs.map(({ slurm, cw, user }) => ({ slurm, cw, dict: Object.keys(user) }));
  }
}

describe('whatever happens in a Slurm and however badly it is read, in the database', () => {
  it.each(OFFERS)(
    'no dict gets lost or onto another job, no end is taken back, and attempts are all there: as $version tells',
    async (offer) => {
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(anyCommand, { minLength: 30, maxLength: 80, size: 'max' }), async (commands) => {
          const slurm = new SlurmModel(offer, `slurm-${offer.version}-${runs++}`);
          const reader = new ModelReader(slurm, new StoredJobs(slurm.cluster));
          for (const command of commands) await reader.step(command);
          await reader.end();
        }),
        { numRuns: RUNS, interruptAfterTimeLimit: 60_000 },
      );
    },
    120_000,
  );
});
