import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mongodOn, nothingRunsOn } from '../support/embedded-processes.js';
import { exchange } from '../support/http-exchange.js';
import { campaign } from './support/campaign.ts';
import { Promises } from './support/promises.ts';
import { Chance } from './support/chance.ts';
import { Load } from './support/load.ts';
import { leewayText } from './support/leeway.ts';
import { medianAndWorst, noteLoad, seconds } from './support/summary.ts';
import { SupervisedApi } from './support/supervised-api.ts';

const HEALED_MS = 3_000;
/** Answers under way get 5 s; a mongod that does not end is ended by force after 20 s. */
const STOPPED_MS = 30_000;

const { seed, short } = campaign();
const promises = new Promises('hang');
/** Shorter than a refusal takes, and so long that everything has noticed. */
const HANGS_MS = [1_000, short ? 7_000 : 12_000] as const;

let scratch: string;
let dataDir: string;
let api: SupervisedApi;
let load: Load | undefined;

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-faults-')));
  dataDir = join(scratch, 'data');
  api = await SupervisedApi.start(scratch, { CLOCKWORK_DATA_DIR: dataDir });
}, 120_000);

afterAll(async () => {
  await load?.stop();
  await api.stop();
  await nothingRunsOn(dataDir, 60_000);
  await rm(scratch, { recursive: true, force: true });
}, 120_000);

it('a mongod that hangs', async () => {
  const chance = new Chance(seed);
  load = await Load.begin(api.url, api.environment);
  await load.healed(performance.now());
  const healing: number[] = [];
  const isReady: number[] = [];
  for (let round = 0; round < (short ? 2 : 6); round += 1) {
    await sleep(chance.between(0, 1_500));
    const pid = await mongodOn(dataDir);
    const fair = load.weather.begin(false);
    process.kill(pid, 'SIGSTOP');
    const ms = HANGS_MS[round % HANGS_MS.length] ?? 0;
    await sleep(ms / 2);
    if (ms > HEALED_MS) isReady.push((await exchange(api.url, '/health/ready', {})).status);
    await sleep(ms / 2);
    const goesOn = performance.now();
    process.kill(pid, 'SIGCONT');
    healing.push((await load.healed(goesOn)).allMs);
    fair();
    expect(await mongodOn(dataDir)).toBe(pid);
  }
  await load.finish();
  await promises.note(
    '/health/live stays 200, and /health/ready says 503',
    `ready: ${isReady.join(', ')}`,
    isReady.every((status) => status === 503),
  );
  await promises.note(
    'all is answered again within 3 s of its going on, without a restart',
    medianAndWorst(healing) + leewayText(api.leeway),
    Math.max(...healing) < HEALED_MS * api.leeway,
  );
  await noteLoad(promises, load, api.leeway);
  promises.expectKept([...load.tally.problems, ...api.errors]);
}, 240_000);

it('an API that is ended while mongod hangs', async () => {
  const pid = await mongodOn(dataDir);
  const stopped = await whileStopped(pid, () => api.stop());
  await promises.note(
    'SIGTERM ends an API whose mongod hangs within 30 s, exit 0',
    `${String(stopped.end)} after ${seconds(stopped.ms)}`,
    stopped.end === 0 && stopped.ms < STOPPED_MS * api.leeway,
  );
  promises.expectKept(api.errors);
}, 120_000);

async function whileStopped<T>(pid: number, work: () => Promise<T>): Promise<T> {
  process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    // The keeper may have ended it meanwhile.
    try {
      process.kill(pid, 'SIGCONT');
    } catch (error) {
      expect(error).toMatchObject({ code: 'ESRCH' });
    }
  }
}
