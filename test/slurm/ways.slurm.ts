import { LoopbackSshd, sshdProblem } from '../support/loopback-sshd.js';
import { byCommand, ClockworkOnSlurm, type DescribedCluster } from './support/clockwork-on-slurm.ts';
import { DocumentedScript } from './support/documented-script.ts';
import { submitGated } from './support/gated-job.ts';
import { releaseUnderTest, type SlurmCluster, startSlurm } from './support/index.ts';
import { ReadingClients } from './support/reading-clients.ts';
import { rpcCounts, rpcsBetween } from './support/rpc-counts.ts';
import { Started } from './support/started.ts';
import { until } from './support/until.ts';

/** As where Slurm was built without its JSON plugin. */
const WITHOUT_JSON = `case " $* " in *' --json '*) echo "$1: error: unrecognized option '--json'" >&2; exit 1 ;; esac; exec "$@"`;

/** 22.05's JSON has no paths of output but those that were given, and its text not what was asked for beside what was given. */
const TEXT_DIFFERS = releaseUnderTest() === 'bookworm' ? ['stdout', 'stderr', 'tres_requested'] : [];

const SSHD_PROBLEM = sshdProblem();

const started = new Started();
/** Nothing happens any more once the jobs are as they should be, and slurmctld forgets none. */
let slurm: SlurmCluster;
let sshd: LoopbackSshd | null = null;
let script: DocumentedScript;
/** One that reads in every way, and one as a site would have it. */
let inEveryWay: ClockworkOnSlurm;
let clockwork: ClockworkOnSlurm;

beforeAll(async () => {
  [slurm, inEveryWay, clockwork] = await Promise.all([
    started.add(startSlurm({ minJobAge: 600 }), (it) => it.stop()),
    started.add(ClockworkOnSlurm.prepare(), (it) => it.end()),
    started.add(ClockworkOnSlurm.prepare(), (it) => it.end()),
  ]);
  if (SSHD_PROBLEM === null) sshd = await started.add(LoopbackSshd.start(), (it) => it.stop());
  else process.stderr.write(`ssh is not tested here: ${SSHD_PROBLEM}\n`);
  script = await started.add(DocumentedScript.of(slurm), (it) => it.remove());
});

afterAll(async () => {
  await started.end();
});

/** A job or a node. */
interface Told {
  slurm: Record<string, unknown>;
  cw: Record<string, unknown>;
}

/** Without the name of the cluster, and what else is to be left out. */
function comparable(thing: Told | undefined, fields: readonly string[]): unknown {
  const slurmPart = Object.entries(thing?.slurm ?? {}).filter(
    ([name]) => name !== 'cluster_name' && !fields.includes(name),
  );
  return { slurm: Object.fromEntries(slurmPart), cw: thing?.cw };
}

function described(name: string, source: object): DescribedCluster {
  return { name, account_kind: 'mila', time_zone: 'America/Toronto', ...source };
}

async function untilShown(id: string, text: string): Promise<void> {
  await until(`job ${id} to be ${text}`, async () => {
    expect(await slurm.run('scontrol', ['show', 'job', id])).toContain(text);
  });
}

/** One of each kind. */
async function submitJobs(): Promise<void> {
  const running = await submitGated(slurm, { name: 'runs', args: ['--time=60'] });
  const gpu = await submitGated(slurm, { user: 'carol', args: ['--partition=gpu', '--gres=gpu:a100:1', '--mem=200M'] });
  const array = await submitGated(slurm, { name: 'an array', args: ['--array=0-3%2'] });
  await submitGated(slurm, {
    name: `it's "a|b"\tJobId=9`,
    args: ['--hold', '--comment=held | "back"', '--partition=main,gpu'],
  });
  await submitGated(slurm, { user: 'bob', args: [`--dependency=afterok:${running}`] });
  const failed = await slurm.submit({ script: 'exit 3', name: 'fails', args: ['--output=out-%j', '--error=err-%j'] });
  const completed = await slurm.submit({ name: 'completes' });
  const cancelled = await submitGated(slurm, { name: 'is cancelled' });
  for (const id of [running, gpu, cancelled, `${array}_0`, `${array}_1`]) await untilShown(id, 'JobState=RUNNING');
  await slurm.run('scancel', [cancelled]);
  await untilShown(cancelled, 'JobState=CANCELLED');
  await untilShown(failed, 'JobState=FAILED');
  await untilShown(completed, 'JobState=COMPLETED');
  await slurm.run('scontrol', ['update', 'NodeName=cn-c001', 'State=DRAIN', 'Reason=a broken fan']);
}

describe('the same cluster, read in every way', () => {
  const ways = ['command', 'text', 'socket', 'url', 'file', ...(SSHD_PROBLEM === null ? ['ssh'] : [])];

  beforeAll(async () => {
    await submitJobs();
    const [local, jwt] = await Promise.all([slurm.slurmrestd('local'), slurm.slurmrestd('jwt'), script.run()]);
    const { prefix, environment } = slurm;
    const sources: Record<string, object> = {
      command: byCommand(slurm),
      text: { command: { prefix: ['sh', '-c', WITHOUT_JSON, 'sh', ...prefix], environment } },
      socket: { slurmrestd: local.address },
      url: { slurmrestd: { ...jwt.address, token_command: slurm.tokenCommand('alice'), user: 'alice' } },
      file: { file: { directory: script.directory } },
      ...(sshd === null ? {} : { ssh: { ssh: { host: sshd.host, options: sshd.options, prefix, environment } } }),
    };
    await inEveryWay.start(Object.entries(sources).map(([name, source]) => described(name, source)));
    for (const way of ways) {
      await until(`${way} to have been read`, async () => {
        const report = await inEveryWay.cluster(way);
        expect(report.failures).toEqual([]);
        expect(report).toMatchObject({ jobs: { skipped: 0 }, nodes: { skipped: 0 }, accounting: { skipped: 0 } });
      });
    }
  });

  afterAll(async () => {
    await inEveryWay.stop();
  });

  /** What each way tells of the same things, by their id or name. */
  async function told(list: 'jobs' | 'nodes', way: string): Promise<Map<string, Told>> {
    const things = await inEveryWay.body<Told[]>(`/${list}/list?cluster_name=${way}`);
    return new Map(things.map((thing) => [String(thing.slurm['job_id'] ?? thing.slurm['name']), thing]));
  }

  it('is read as it is', async () => {
    const jobs = await told('jobs', 'command');
    const states = [...jobs.values()].map(({ slurm: { job_state } }) => job_state).sort();
    expect(states).toEqual([
      ...['CANCELLED', 'COMPLETED', 'FAILED'],
      ...['PENDING', 'PENDING', 'PENDING'],
      ...['RUNNING', 'RUNNING', 'RUNNING', 'RUNNING'],
    ]);
    expect([...(await told('nodes', 'command')).keys()]).toEqual(['cn-a001', 'cn-a002', 'cn-b001', 'cn-c001']);
  });

  it.each(ways)('has the same jobs and nodes: %s', async (way) => {
    for (const list of ['jobs', 'nodes'] as const) {
      const [expected, found] = [await told(list, 'command'), await told(list, way)];
      expect([...found.keys()]).toEqual([...expected.keys()]);
      for (const [id, thing] of found) {
        const lacking = list === 'jobs' && way === 'text' ? TEXT_DIFFERS : [];
        expect(comparable(thing, lacking)).toEqual(comparable(expected.get(id), lacking));
      }
    }
  });
});

describe('the load that Slurm sees', () => {
  const CYCLES = 3;
  const CLIENTS = 1_000;

  beforeAll(async () => {
    await clockwork.start([described('mila', byCommand(slurm))]);
    await until('the first cycle', lastCycle);
  });

  /** When the last cycle had read what it asks slurmctld for. */
  async function lastCycle(): Promise<number> {
    return Date.parse((await clockwork.cluster('mila')).nodes?.observed_at ?? '1970-01-01');
  }

  async function untilNextCycle(): Promise<number> {
    const last = await lastCycle();
    return until('the next cycle', async () => {
      const next = await lastCycle();
      expect(next).toBeGreaterThan(last);
      return next;
    });
  }

  /** @returns requests by type in so many cycles, and how long these took */
  async function watch(): Promise<{ requests: Map<string, number>; seconds: number }> {
    const begun = await untilNextCycle();
    const before = await rpcCounts(slurm);
    let ended = begun;
    for (let cycles = 0; cycles < CYCLES; cycles += 1) ended = await untilNextCycle();
    return { requests: rpcsBetween(before, await rpcCounts(slurm)), seconds: (ended - begun) / 1_000 };
  }

  function inWords(clients: number, { requests, seconds }: Awaited<ReturnType<typeof watch>>): string {
    const rates = [...requests].map(([type, count]) => `${type} ${((60 * count) / seconds).toFixed(1)}`);
    return `Requests a minute with ${clients} reading: ${rates.join(', ')}`;
  }

  it('is the same with a thousand clients as with one', async () => {
    const one = await watch();
    const clients = ReadingClients.start(clockwork.url, clockwork.adminKey, CLIENTS);
    const many = await watch();
    await clients.stop();
    process.stderr.write(`${inWords(1, one)}\n${inWords(CLIENTS, many)}, which had ${clients.answers} answers\n`);
    expect(clients.served).toBe(CLIENTS);
    expect(many.requests).toEqual(one.requests);
    expect(many.requests.get('REQUEST_JOB_INFO')).toBe(CYCLES);
    expect(many.requests.get('REQUEST_NODE_INFO')).toBe(CYCLES);
    // Slower it may be, where the machine is busy with a thousand clients: Slurm is there too.
    expect(many.seconds).toBeGreaterThan(one.seconds * 0.95);
  });
});
