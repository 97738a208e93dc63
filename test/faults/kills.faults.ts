import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClustersFile } from '../support/clusters-file.js';
import { keeperOn, mongodOn, nothingRunsOn } from '../support/embedded-processes.js';
import { collectorOf } from '../support/process-table.js';
import { ScriptedSlurm } from '../support/scripted-slurm.js';
import { campaign } from './support/campaign.ts';
import { Promises } from './support/promises.ts';
import { Chance } from './support/chance.ts';
import { Load } from './support/load.ts';
import { readAfter } from './support/reading.ts';
import { leewayText } from './support/leeway.ts';
import { medianAndWorst, noteLoad } from './support/summary.ts';
import { SupervisedApi } from './support/supervised-api.ts';
import { endedProcess } from './support/ended-process.ts';

const HEALED_MS = 3_000;
/** A lease that nobody gave back runs out in the first interval; the next reading is in the second. */
const READ_AGAIN_MS = 12_000;
const MOST_PAUSE_MS = 1_500;
const VICTIMS = ['mongod', 'API', 'keeper', 'collector', 'mongod', 'API'] as const;
type Victim = (typeof VICTIMS)[number];

const { kills, seed } = campaign();
const promises = new Promises('kills');
const healing: Record<Victim, number[]> = { mongod: [], keeper: [], API: [], collector: [] };
const readAgain: number[] = [];

let scratch: string;
let dataDir: string;
let slurm: ScriptedSlurm;
let clusters: ClustersFile;
let api: SupervisedApi;
let load: Load;

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-faults-')));
  dataDir = join(scratch, 'data');
  slurm = await ScriptedSlurm.create();
  clusters = await ClustersFile.of([slurm.yaml('read')]);
  api = await SupervisedApi.start(scratch, { CLOCKWORK_DATA_DIR: dataDir, CLOCKWORK_CLUSTERS: clusters.path });
  load = await Load.begin(api.url, api.environment);
}, 120_000);

// Apart, so that the rest is ended too where it never began.
afterAll(() => load.stop(), 60_000);

afterAll(async () => {
  await api.stop();
  await nothingRunsOn(dataDir, 30_000);
  await slurm.remove();
  await clusters.remove();
  await rm(scratch, { recursive: true, force: true });
}, 120_000);

async function pidOf(victim: Victim): Promise<number> {
  if (victim === 'mongod') return mongodOn(dataDir);
  if (victim === 'keeper') return keeperOn(dataDir);
  if (victim === 'API') return api.pid;
  return (await collectorOf(api.pid)).pid;
}

async function kill(victim: Victim, round: number): Promise<void> {
  const pid = await pidOf(victim);
  // A new keeper replaces the mongod that it finds.
  const lastToEnd = victim === 'keeper' ? await mongodOn(dataDir) : pid;
  const fair = victim === 'collector' ? () => undefined : load.weather.begin(victim === 'API');
  const broken = performance.now();
  process.kill(pid, 'SIGKILL');
  await endedProcess(lastToEnd);
  healing[victim].push((await load.healed(broken, performance.now())).allMs);
  fair();
  if (victim === 'collector') readAgain.push(await readAfter(slurm, load, broken, `round ${round}`));
}

it(
  `${kills} kills`,
  async () => {
    const chance = new Chance(seed);
    await load.healed(performance.now());
    for (let round = 0; round < kills; round += 1) {
      await sleep(chance.between(0, MOST_PAUSE_MS));
      await kill(VICTIMS[round % VICTIMS.length] ?? 'mongod', round);
    }
    await load.finish();
    for (const victim of ['mongod', 'keeper', 'API'] as const) {
      await promises.note(
        `all is answered again within 3 s of a kill -9 of ${victim === 'keeper' ? "mongod's keeper" : `the ${victim}`}`,
        medianAndWorst(healing[victim]) + leewayText(api.leeway),
        Math.max(...healing[victim]) < HEALED_MS * api.leeway,
      );
    }
    await promises.note(
      'a kill -9 of the collector is not noticed by who asks',
      medianAndWorst(healing.collector),
      Math.max(...healing.collector) < HEALED_MS * api.leeway,
    );
    await promises.note(
      'its cluster is read again within two intervals (of 5 s) and 2 s',
      medianAndWorst(readAgain),
      Math.max(...readAgain) < READ_AGAIN_MS * api.leeway,
    );
    await noteLoad(promises, load, api.leeway);
    promises.expectKept([...load.tally.problems, ...api.errors]);
  },
  60_000 + kills * 30_000,
);
