import { Agent, request as httpRequest } from 'node:http';
import { BASE } from '../support/http-exchange.js';
import { type ApiProcess, type ClockworkService, startApi, startService } from '../support/clockwork-service.js';
import { startBalancer } from '../support/balancer.js';
import { eventually } from '../support/eventually.js';
import { jobRecord } from '../support/job-records.js';
import { freePort } from '../support/free-port.js';
import { hasNginx, startNginx } from '../support/nginx.js';

const JOBS = 2_000;
/** More than the balancer takes to look away. */
const DRAIN = '1s';
const READERS = 4;
const WRITERS = 4;

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@example.org', ['--cluster-username', 'ada']);
  const jobs = Array.from({ length: JOBS }, (_, at) =>
    jobRecord({ slurm: { job_id: String(at + 1), cluster_name: 'mila', mila_cluster_username: 'ada' } }),
  );
  await service.load({ jobs });
}, 60_000);

afterAll(() => service.stop());

/** API processes on one database that are stopped and started again at the addresses that they have. */
class Replicas {
  private constructor(
    readonly urls: readonly string[],
    private readonly running: ApiProcess[],
  ) {}

  static async start(count: number): Promise<Replicas> {
    const ports: number[] = [];
    for (let at = 0; at < count; at += 1) ports.push(await freePort());
    const running = await Promise.all(ports.map((port) => startApi(environmentOf(port))));
    return new Replicas(
      running.map(({ url }) => url),
      running,
    );
  }

  async restart(at: number): Promise<void> {
    const old = this.running[at];
    if (old === undefined) throw new Error(`there is no replica ${at}`);
    old.process.child.kill('SIGTERM');
    expect(await old.process.ended).toEqual({ code: 0, signal: null });
    this.running[at] = await startApi(environmentOf(Number(new URL(old.url).port)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.map((api) => api.stop()));
  }
}

function environmentOf(port: number): NodeJS.ProcessEnv {
  return { ...service.environment, PORT: String(port), CLOCKWORK_DRAIN: DRAIN };
}

/** Clients that ask and write all the time, each over one connection that it keeps, and hold every answer against what it has to be. */
class Load {
  answered = 0;
  readonly lost: string[] = [];
  private readonly agents: Agent[] = [];
  private readonly clients: Promise<void>[];
  private isStopped = false;

  constructor(private readonly url: string) {
    const readers = Array.from({ length: READERS }, (_, at) => this.client(at % 2 === 0 ? this.list : this.one));
    const writers = Array.from({ length: WRITERS }, (_, at) => this.client(this.updater(String(at + 1))));
    this.clients = [...readers, ...writers];
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.clients);
    for (const agent of this.agents) agent.destroy();
  }

  private async client(ask: (agent: Agent) => Promise<void>): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    this.agents.push(agent);
    while (!this.isStopped) {
      try {
        await ask(agent);
        this.answered += 1;
      } catch (error) {
        this.lost.push(String(error));
      }
    }
  }

  private readonly list = async (agent: Agent): Promise<void> => {
    const jobs = JSON.parse(await this.request(agent, 'GET', '/jobs/list')) as { slurm: { job_id: string } }[];
    if (new Set(jobs.map(({ slurm }) => slurm.job_id)).size !== JOBS) throw new Error(`a list of ${jobs.length} jobs`);
  };

  private readonly one = async (agent: Agent): Promise<void> => {
    const id = String(1 + Math.floor(Math.random() * JOBS));
    const job = JSON.parse(await this.request(agent, 'GET', `/jobs/one?job_id=${id}`)) as { slurm: { job_id: string } };
    if (job.slurm.job_id !== id) throw new Error(`job ${job.slurm.job_id} for ${id}`);
  };

  /** Each update shows what all before it have written. */
  private updater(job_id: string): (agent: Agent) => Promise<void> {
    let step = 0;
    return async (agent) => {
      step += 1;
      const body = JSON.stringify({ job_id, update_pairs: { [`at_${step % 50}`]: step, step } });
      const dict = JSON.parse(await this.request(agent, 'PUT', '/jobs/user_dict_update', body)) as Record<
        string,
        number
      >;
      const before = step === 1 ? step : dict[`at_${(step - 1) % 50}`];
      if (dict['step'] !== step || (step > 1 && before !== step - 1)) {
        throw new Error(`after step ${step}: ${JSON.stringify(dict)}`);
      }
    };
  }

  private request(agent: Agent, method: string, path: string, body = ''): Promise<string> {
    const headers = {
      Authorization: `Bearer ${key}`,
      ...(body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const request = httpRequest(this.url + BASE + path, { agent, method, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (answer.statusCode === 200) resolve(text);
          else reject(new Error(`${method} ${path}: ${answer.statusCode ?? 0} ${text}`));
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

async function goesOn(load: Load): Promise<void> {
  const before = load.answered;
  await eventually(async () => {
    await Promise.resolve();
    expect(load.answered).toBeGreaterThan(before + 50);
  }, 20_000);
}

describe('each of two replicas behind a balancer is restarted under load, and no request is lost:', () => {
  it('a balancer that asks whether they are ready, and tries nothing twice', async () => {
    const replicas = await Replicas.start(2);
    const balancer = await startBalancer(replicas.urls);
    const bothReady = () =>
      eventually(async () => {
        await Promise.resolve();
        expect(balancer.ready()).toEqual(replicas.urls);
      }, 20_000);
    await bothReady();
    const load = new Load(balancer.url);
    for (const at of [0, 1]) {
      await goesOn(load);
      await replicas.restart(at);
      await bothReady();
    }
    await goesOn(load);
    await load.stop();
    for (const requests of balancer.given().values()) expect(requests).toBeGreaterThan(50);
    await balancer.close();
    await replicas.stop();
    expect(load.lost).toEqual([]);
  }, 120_000);

  const withNginx = hasNginx();
  (withNginx ? it : it.skip)(
    withNginx ? 'nginx' : 'nginx (skipped: there is no nginx on the PATH; install the package nginx-light)',
    async () => {
      const replicas = await Replicas.start(2);
      const nginx = await startNginx(replicas.urls);
      const load = new Load(nginx.url);
      for (const at of [0, 1]) {
        await goesOn(load);
        await replicas.restart(at);
        // It looks again at a server that failed after fail_timeout.
        await new Promise((resolve) => setTimeout(resolve, 1_500));
      }
      await goesOn(load);
      await load.stop();
      await nginx.close();
      await replicas.stop();
      expect(load.lost).toEqual([]);
    },
    120_000,
  );
});
