import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCli } from '../support/clockwork-service.js';
import { ClustersFile } from '../support/clusters-file.js';
import { nothingRunsOn } from '../support/embedded-processes.js';
import { BASE, exchange } from '../support/http-exchange.js';
import { ScriptedSlurm } from '../support/scripted-slurm.js';
import { Promises } from './support/promises.ts';
import { FalseClock, whyNoFalseClock } from './support/false-clock.ts';
import { Load } from './support/load.ts';
import { readAfter } from './support/reading.ts';
import { medianAndWorst, noteLoad } from './support/summary.ts';
import { SupervisedApi } from './support/supervised-api.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Hours at which the API's and the collector's clock is set against the machine's, one jump after another. */
const JUMPS = [HOUR, -HOUR, DAY, -DAY, 0] as const;
/** Two readings of 5 s, and as long again for a cluster whose lease had to run out. */
const READ_AGAIN_MS = 25_000;
const JUMP_MS = 3_000;

const promises = new Promises('clock');
const reason = whyNoFalseClock();

let scratch: string;
let slurm: ScriptedSlurm | undefined;
let clusters: ClustersFile | undefined;
let api: SupervisedApi | undefined;
let load: Load | undefined;

afterAll(async () => {
  await load?.stop();
  await api?.stop();
  await nothingRunsOn(scratch, 30_000);
  await slurm?.remove();
  await clusters?.remove();
  await rm(scratch, { recursive: true, force: true });
}, 120_000);

it("jumps of the API's and the collector's clock", async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-faults-')));
  if (reason !== null) {
    await promises.note('jumps of the clock break nothing', `not tried: ${reason}`, null);
    return;
  }
  const clock = new FalseClock(scratch);
  await clock.set(0);
  slurm = await ScriptedSlurm.create();
  clusters = await ClustersFile.of([slurm.yaml('read')]);
  const variables = { CLOCKWORK_DATA_DIR: join(scratch, 'data'), CLOCKWORK_CLUSTERS: clusters.path };
  api = await SupervisedApi.start(scratch, { ...variables, ...clock.environment });
  const { pid, url } = api;
  const trueTime = { ...api.environment, LD_PRELOAD: '' };
  load = await Load.begin(url, trueTime);
  const { stdout } = await runCli(trueTime, ['keys', 'create', 'ada@example.org', '--expires', '2h']);
  const shortLived = stdout.trim();
  const statusWith = async (key: string, path: string) => (await exchange(url, BASE + path, { key })).status;

  const readAgain: number[] = [];
  const keys: string[] = [];
  const strange: string[] = [];
  for (const seconds of JUMPS) {
    const jumped = performance.now();
    await clock.set(seconds);
    await sleep(JUMP_MS);
    const status = await statusWith(shortLived, '/jobs/count');
    keys.push(`${seconds / HOUR} h: ${status}`);
    if (status !== (seconds < 2 * HOUR ? 200 : 401)) strange.push(`a key of two hours is ${status} at ${seconds} s`);
    for (const time of ['1', '3600', '100000']) {
      const listed = await statusWith(load.key, `/jobs/list?user=calm&time=${time}`);
      if (listed !== 200) strange.push(`time=${time} is ${listed} at ${seconds} s`);
    }
    readAgain.push(await readAfter(slurm, load, jumped, `at ${seconds}`));
    const { body } = await exchange(url, `${BASE}/clusters/list`, { key: load.key });
    strange.push(...negativeAges(body, seconds));
  }
  await load.finish();
  await promises.note(
    'no process ends',
    api.pid === pid ? 'the same process all along' : 'another process',
    api.pid === pid,
  );
  await promises.note(
    'a key that expires in two hours is refused a day ahead, and nowhere else',
    keys.join(', '),
    strange.every((one) => !one.startsWith('a key')),
  );
  await promises.note(
    'no duration is negative, and `time` filters answer',
    strange.join('; ') || 'none',
    strange.length === 0,
  );
  await promises.note(
    'a cluster is read within 25 s of each jump: no lease is held for ever',
    medianAndWorst(readAgain),
    Math.max(...readAgain) < READ_AGAIN_MS * api.leeway,
  );
  await noteLoad(promises, load, api.leeway);
  promises.expectKept([...load.tally.problems, ...api.errors]);
}, 300_000);

/** Durations of readings, in seconds. */
function negativeAges(body: unknown, at: number): string[] {
  const text = JSON.stringify(body);
  return [...text.matchAll(/"(duration|interval)":(-[\d.]+)/g)].map(([found]) => `${found} at ${at} s`);
}
