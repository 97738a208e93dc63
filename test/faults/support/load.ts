import { runCli } from '../../support/clockwork-service.js';
import { campaign } from './campaign.ts';
import { Client } from './client.ts';
import { countOfJobs, keptList, liveness, type LoadData, oneJob, update, wholeList } from './errands.ts';
import { NumberedWrites } from './numbered-writes.ts';
import { Tally } from './tally.ts';
import { Weather } from './weather.ts';

const CLUSTER = 'mila';
/** More than the database's first answer to a list holds, so that lists are streamed. */
const JOBS = 1_200;
const WRITERS = 4;
const CALM_PAUSE_MS = 250;
const WRITER_PAUSE_MS = 15;
const PADDING = 'x'.repeat(600);
/** After this, what was broken is not healed. */
const PATIENCE_MS = 60_000;

export interface Healing {
  /** From the fault to the first good answer to what was asked after it, and to that of the last client. */
  firstMs: number;
  allMs: number;
}

/** Clients of every kind that write and read all the time, and hold each answer against what was acknowledged before. */
export class Load {
  readonly weather = new Weather();
  readonly tally = new Tally(campaign().short);
  private readonly clients: Client[];
  private readonly live: Client;

  private constructor(
    readonly url: string,
    private readonly data: LoadData,
  ) {
    const start = (errand: ConstructorParameters<typeof Client>[1]) =>
      new Client(url, errand, this.weather, this.tally);
    this.clients = [
      ...data.busy.map((writes) => start(update(data, writes, this.weather, WRITER_PAUSE_MS))),
      start(update(data, data.calm, this.weather, CALM_PAUSE_MS)),
      start(wholeList(data, 'application/json')),
      start(wholeList(data, 'application/x-ndjson')),
      start(keptList(data, 'all')),
      start(keptList(data, 'calm')),
      start(oneJob(data)),
      start(countOfJobs(data)),
    ];
    this.live = start(liveness(data));
  }

  /** On an API's database, which is given jobs and a user. */
  static async begin(url: string, environment: NodeJS.ProcessEnv): Promise<Load> {
    const ids = Array.from({ length: JOBS }, (_, at) => String(at + 1));
    const record = (job_id: string, user: string) => ({
      slurm: { cluster_name: CLUSTER, job_id, job_state: 'RUNNING', mila_cluster_username: user },
      user: { padding: PADDING },
    });
    const jobs = ids.map((id) => record(id, id === '7' ? 'calm' : 'ada'));
    await cli(environment, ['import', '-'], JSON.stringify({ jobs }));
    const keyOf = async (user: string): Promise<string> => {
      await cli(environment, ['users', 'add', `${user}@example.org`, '--cluster-username', user]);
      return (await cli(environment, ['keys', 'create', `${user}@example.org`])).trim();
    };
    const [key, calmKey] = [await keyOf('ada'), await keyOf('calm')];
    // Two write into one job, each keys of its own.
    const busy = Array.from({ length: WRITERS }, (_, at) => new NumberedWrites(String(Math.max(at, 1)), `w${at}_`));
    const calm = new NumberedWrites('7', 'calm_');
    return new Load(url, { cluster: CLUSTER, jobs: JOBS, calmUser: 'calm', key, calmKey, busy, calm });
  }

  /** A key that sees all. */
  get key(): string {
    return this.data.key;
  }

  get acknowledged(): number {
    return [...this.data.busy, this.data.calm].reduce((sum, { acknowledgedCount }) => sum + acknowledgedCount, 0);
  }

  /** Resolves when each client has had a good answer to something that it asked after a moment. */
  async healed(broken: number, after = broken): Promise<Healing> {
    const ends = this.clients.map((client) => client.goodAfter(after));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`not healed within ${PATIENCE_MS / 1_000} s: ${this.tally.problems.join('\n')}`));
      }, PATIENCE_MS);
    });
    try {
      const times = await Promise.race([Promise.all(ends), late]);
      return { firstMs: Math.min(...times) - broken, allMs: Math.max(...times) - broken };
    } finally {
      clearTimeout(timer);
    }
  }

  /** After a last look at all that was acknowledged. */
  async finish(): Promise<void> {
    await this.healed(performance.now());
    await this.stop();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.clients, this.live].map((client) => client.stop()));
  }
}

async function cli(environment: NodeJS.ProcessEnv, args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(environment, args, input);
  if (code !== 0) throw new Error(`clockwork ${args.join(' ')} exited ${String(code)}: ${stderr}`);
  return stdout;
}
