import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { campaign } from './support/campaign.ts';
import { Promises } from './support/promises.ts';
import { Chance } from './support/chance.ts';
import { Load } from './support/load.ts';
import { ReplicaSet } from './support/replica-set.ts';
import { leewayText } from './support/leeway.ts';
import { medianAndWorst, noteLoad } from './support/summary.ts';
import { SupervisedApi } from './support/supervised-api.ts';

const { seed, short } = campaign();
const promises = new Promises('replica-set');
const rounds = short ? 1 : 3;
const partitions = short ? 1 : 6;
const healing = {
  stepDown: [] as number[],
  kill: [] as number[],
  partition: [] as number[],
  members: [] as number[],
  behind: [] as number[],
  join: [] as number[],
};

/** A secondary that is asked to takes over at once; else it waits for `electionTimeoutMillis`, 10 s, before it asks for votes. */
const STEPPED_DOWN_MS = 5_000;
const ELECTED_MS = 20_000;
/** As long again where the member that follows waits for the one that is cut off, whose oplog it was reading. */
const REUNITED_MS = 25_000;
/**
 * While the one that follows still reports to the one that is cut off, the new primary hears of it by heartbeats alone, every
 * 2 s; an update waits for two of them, and one that was given up just before has missed another.
 */
const BEHIND_MS = 8_000;
/** Longer than the members take to elect another, so that for a while two think that they are primary. */
const PARTITION_MS = short ? 12_000 : 20_000;
/** What is under way when the ways are cut may still be answered. */
const UNNOTICED_MS = 1_000;
const MOST_PAUSE_MS = 1_500;

let scratch: string;
let set: ReplicaSet;
let api: SupervisedApi;
let load: Load;

beforeAll(async () => {
  scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-faults-')));
  set = await ReplicaSet.start(scratch);
  api = await SupervisedApi.start(scratch, { MONGODB_URI: set.uri });
  load = await Load.begin(api.url, api.environment);
}, 180_000);

// Apart, so that the rest is ended too where it never began.
afterAll(() => load.stop(), 60_000);

afterAll(async () => {
  await api.stop();
  await set.stop();
  await rm(scratch, { recursive: true, force: true });
}, 120_000);

async function stepDown(chance: Chance): Promise<void> {
  await sleep(chance.between(0, MOST_PAUSE_MS));
  const primary = await set.primary();
  const fair = load.weather.begin(false);
  const broken = performance.now();
  await set.stepDown(primary);
  healing.stepDown.push((await load.healed(broken, performance.now())).allMs);
  fair();
  await set.complete();
}

async function kill(chance: Chance): Promise<void> {
  await sleep(chance.between(0, MOST_PAUSE_MS));
  const primary = await set.primary();
  const fair = load.weather.begin(false);
  const broken = performance.now();
  await set.kill(primary);
  healing.kill.push((await load.healed(broken, performance.now())).allMs);
  fair();
  set.restart(primary);
  await set.complete();
}

async function partition(chance: Chance): Promise<void> {
  await sleep(chance.between(0, MOST_PAUSE_MS));
  const primary = await set.primary();
  const fair = load.weather.begin(false);
  const broken = performance.now();
  set.isolate(primary);
  const members = set.acknowledgesWithout(primary).then(() => performance.now() - broken);
  const { allMs } = await load.healed(broken, broken + UNNOTICED_MS);
  healing.partition.push(allMs);
  healing.members.push(await members);
  healing.behind.push(Math.max(0, allMs - (await members)));
  await sleep(Math.max(0, PARTITION_MS - (performance.now() - broken)));
  expect(await set.primary()).not.toBe(primary);
  const joined = performance.now();
  set.join();
  // The cut-off member takes back what no majority had.
  await set.complete();
  healing.join.push((await load.healed(joined)).allMs);
  fair();
}

it(
  'three members: step-down, kill -9 of the primary, and partitions',
  async () => {
    const chance = new Chance(seed);
    await load.healed(performance.now());
    for (let round = 0; round < rounds; round += 1) {
      await stepDown(chance);
      // What an election takes, a partition shows as well.
      if (!short) await kill(chance);
    }
    for (let round = 0; round < partitions; round += 1) await partition(chance);
    await load.finish();
    await promises.note(
      'answers go on within 5 s of a step-down of the primary',
      medianAndWorst(healing.stepDown) + leewayText(api.leeway),
      Math.max(...healing.stepDown) < STEPPED_DOWN_MS * api.leeway,
    );
    await promises.note(
      'answers go on within 20 s of a kill -9 of the primary (an election begins after 10 s)',
      short ? 'not tried: the short form has the partition alone' : medianAndWorst(healing.kill),
      short ? null : Math.max(...healing.kill) < ELECTED_MS * api.leeway,
    );
    await promises.note(
      'answers go on within 25 s of a partition that cuts the primary off from the other members, not from the API',
      `${medianAndWorst(healing.partition)}; the members' own part: ${medianAndWorst(healing.members)}`,
      Math.max(...healing.partition) < REUNITED_MS * api.leeway,
    );
    await promises.note(
      'of that, at most 8 s after the other members acknowledge by a majority what anybody writes',
      medianAndWorst(healing.behind),
      Math.max(...healing.behind) < BEHIND_MS * api.leeway,
    );
    await promises.note(
      'the end of the partition is no interruption, and the member that was cut off is a secondary again',
      medianAndWorst(healing.join),
      true,
    );
    await noteLoad(promises, load, api.leeway);
    promises.expectKept([...load.tally.problems, ...api.errors]);
  },
  120_000 + rounds * 60_000 + partitions * 80_000,
);
