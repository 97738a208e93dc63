import { setTimeout as sleep } from 'node:timers/promises';
import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { ClustersFile } from '../support/clusters-file.js';
import { eventually } from '../support/eventually.js';
import { collectorOf, type ProcessEntry, processTable } from '../support/process-table.js';
import { mostResidentMemory } from '../support/resident-memory.js';
import { ScriptedSlurm } from '../support/scripted-slurm.js';

const INTERVAL_MS = 5_000;
/** What the machine, and the sharing of it, may add. */
const LATE_MS = 2_000;
/** What is waited for may take so much longer where the machine is busy. */
const BUSY_MS = 10_000;
/** In the first cycle squeue is asked for its version before, which the next is not. */
const FIRST_MS = 1_000;
const SLOW_MS = 1_000;
/** Of the collector at any time: what it has without any cluster, and some dozens of MiB. */
const MOST_MEMORY = 300 * 1024 ** 2;
const NAMES = ['good', 'slow', 'hangs', 'floods', 'garbles', 'gone'] as const;
type Name = (typeof NAMES)[number];

const slurms = new Map<Name, ScriptedSlurm>();
let clusters: ClustersFile;
let held: ScriptedSlurm;
let holding: ClustersFile;
/** By `performance.now()`. */
let begun: number;
let service: ClockworkService;
let adminKey: string;

beforeAll(async () => {
  for (const name of NAMES) slurms.set(name, await ScriptedSlurm.create());
  for (const slurm of slurms.values()) await slurm.show([{ id: 1 }, { id: 2 }]);
  await slurmOf('slow').behave('squeue', `sleep ${SLOW_MS / 1_000}; cat jobs.json`);
  // Its children hold its output open, and nobody listens to anything but SIGKILL.
  held = await ScriptedSlurm.create();
  for (const slurm of [held, slurmOf('hangs')]) await slurm.behave('squeue', "trap '' TERM; sleep 300 & sleep 301");
  // Ten thousand million bytes that can be read, if somebody takes them.
  const record = JSON.stringify(slurmOf('floods').recordOf({ id: 1 }));
  await slurmOf('floods').behave(
    'squeue',
    `record='${record}'; cat accounting-head.json; echo "$record"; yes ",$record" | head -c 10000000000`,
  );
  await slurmOf('garbles').behave('squeue', 'head -c 200000 /dev/urandom');
  await slurmOf('gone').behave('squeue', 'exit 1');
  clusters = await ClustersFile.of(
    NAMES.map((name) =>
      slurmOf(name).yaml(name, { time_limit: name === 'hangs' ? '2s' : '20s', output_limit: '16MiB' }),
    ),
  );
  holding = await ClustersFile.of([held.yaml('held', { time_limit: '60s' })]);
  service = await startService({ CLOCKWORK_CLUSTERS: clusters.path });
  begun = performance.now();
  adminKey = await service.keyOf('root@example.org', ['--admin']);
}, 60_000);

afterAll(async () => {
  await service.stop();
  await clusters.remove();
  await holding.remove();
  await Promise.all([held, ...slurms.values()].map((slurm) => slurm.remove()));
});

function slurmOf(name: Name): ScriptedSlurm {
  const slurm = slurms.get(name);
  if (slurm === undefined) throw new Error(`there is no ${name}`);
  return slurm;
}

function api(): number {
  return Number(service.process.child.pid);
}

interface Listed {
  name: string;
  stale: boolean;
  observed_at: string | null;
  jobs: { duration: number } | null;
  failures: { what: string; kind: string; message: string; consecutive: number }[];
}

async function listed(): Promise<Map<string, Listed>> {
  const { body } = await service.request('/clusters/list', { key: adminKey });
  return new Map((body as Listed[]).map((cluster) => [cluster.name, cluster]));
}

async function gapsOf(name: Name): Promise<number[]> {
  const times = (await slurmOf(name).calls('squeue')).map(({ at }) => at);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

// While those that fail are waited for.
describe('the collector of another API process', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'ends with it, when it ends by %s',
    async (signal) => {
      const other = await startService({ CLOCKWORK_CLUSTERS: holding.path });
      const collector = await eventually(() => collectorOf(Number(other.process.child.pid)));
      await eventually(async () => {
        expect(await runsIn(held)).not.toEqual([]);
      }, 20_000);
      other.process.child.kill(signal);
      await other.process.ended;
      await eventually(async () => {
        const pids = (await processTable()).map(({ pid }) => pid);
        expect(pids).not.toContain(collector.pid);
        expect(await runsIn(held)).toEqual([]);
      }, 8_000);
    },
    60_000,
  );
});

describe('clusters that fail, beside one that does not', () => {
  it('cost it nothing: it keeps its pace, they are asked less and less, memory is bounded, and nothing is left behind', async () => {
    const { pid } = await collectorOf(api());
    await sleep(Math.max(0, begun + 6 * INTERVAL_MS - performance.now()));
    expect((await collectorOf(api())).pid).toBe(pid);
    expect(await mostResidentMemory(pid)).toBeLessThan(MOST_MEMORY);

    const gaps = await gapsOf('good');
    expect(gaps.length).toBeGreaterThanOrEqual(4);
    // One may be late on a busy machine, and the next one after it early.
    const median = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)];
    expect(median).toBeGreaterThan(INTERVAL_MS - LATE_MS);
    expect(median).toBeLessThan(INTERVAL_MS + LATE_MS);
    const now = await listed();
    expect(now.get('good')).toMatchObject({ stale: false, failures: [] });
    const failures = NAMES.map((name) => [
      name,
      ...(now.get(name)?.failures ?? []).map(({ what, kind }) => [what, kind]),
    ]);
    expect(failures).toEqual([
      ['good'],
      ['slow'],
      ['hangs', ['jobs', 'timeout']],
      ['floods', ['jobs', 'too_large']],
      ['garbles', ['jobs', 'unreadable']],
      ['gone', ['jobs', 'failed']],
    ]);
    expect(now.get('hangs')?.failures[0]?.message).toMatch(/had not ended after 2 s, and was ended/);
    for (const name of ['garbles', 'gone'] as const) {
      const waits = await gapsOf(name);
      expect(waits.length).toBeGreaterThanOrEqual(1);
      expect(waits.length).toBeLessThanOrEqual(3);
      // At least 5, 10 and 20 s, each a fifth more or less.
      waits.forEach((wait, times) => {
        expect(wait).toBeGreaterThan(0.8 * INTERVAL_MS * 2 ** times - FIRST_MS);
      });
    }
    for (const name of ['hangs', 'floods'] as const) {
      await eventually(async () => {
        expect(await runsIn(slurmOf(name))).toEqual([]);
      }, 8_000);
    }
  }, 60_000);

  it('a slow slurmctld has nine tenths of the time for others', async () => {
    const gaps = await gapsOf('slow');
    expect(gaps.length).toBeGreaterThanOrEqual(2);
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(10 * SLOW_MS - FIRST_MS);
    expect((await listed()).get('slow')?.jobs?.duration).toBeGreaterThanOrEqual(SLOW_MS / 1_000);
  });
});

describe('the collector of an API process', () => {
  it('is in its process group', async () => {
    const { group } = await collectorOf(api());
    const own = (await processTable()).find(({ pid }) => pid === api());
    expect(group).toBe(own?.group);
  });

  it('is started again where it was killed, and reads on', async () => {
    const { pid } = await collectorOf(api());
    process.kill(pid, 'SIGKILL');
    const killed = Date.now();
    await eventually(
      async () => {
        expect((await collectorOf(api())).pid).not.toBe(pid);
        expect(new Date((await listed()).get('good')?.observed_at ?? 0).getTime()).toBeGreaterThan(killed);
      },
      2 * INTERVAL_MS + BUSY_MS,
    );
    expect(service.process.stderr()).toMatch(/"how":"SIGKILL".*the collector has ended; it is started again/);
  }, 30_000);
});

/** Its scripts and whatever they have started. */
async function runsIn({ directory }: ScriptedSlurm): Promise<ProcessEntry[]> {
  return (await processTable()).filter(({ workingDirectory }) => workingDirectory === directory);
}
