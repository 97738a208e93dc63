import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { campaign } from './support/campaign.ts';
import { Promises } from './support/promises.ts';
import { Chance } from './support/chance.ts';
import { Load } from './support/load.ts';
import { ReplicaSet } from './support/replica-set.ts';
import { slownessText } from './support/slowness.ts';
import { medianAndWorst, noteLoad } from './support/summary.ts';
import { SupervisedApi } from './support/supervised-api.ts';

/** A secondary that is asked to takes over at once; else it waits for `electionTimeoutMillis`, 10 s, before it asks for votes. */
const STEPPED_DOWN_MS = 5_000;
const ELECTED_MS = 20_000;
/** Longer than the members take to elect another, so that for a while two think that they are primary. */
const PARTITION_MS = 20_000;

const { seed, short } = campaign();
const promises = new Promises('replica-set');
const rounds = short ? 1 : 3;

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

it(
  'three members: step-down, kill -9 of the primary, and a partition',
  async () => {
    const chance = new Chance(seed);
    const healing = { stepDown: [] as number[], kill: [] as number[], partition: [] as number[], join: [] as number[] };
    await load.healed(performance.now());
    for (let round = 0; round < rounds; round += 1) {
      await sleep(chance.between(0, 1_500));
      const first = await set.primary();
      let fair = load.weather.begin(false);
      let broken = performance.now();
      await set.stepDown(first);
      healing.stepDown.push((await load.healed(broken, performance.now())).allMs);
      fair();
      await set.complete();

      await sleep(chance.between(0, 1_500));
      const second = await set.primary();
      fair = load.weather.begin(false);
      broken = performance.now();
      await set.kill(second);
      healing.kill.push((await load.healed(broken, performance.now())).allMs);
      fair();
      set.restart(second);
      await set.complete();

      await sleep(chance.between(0, 1_500));
      const third = await set.primary();
      fair = load.weather.begin(false);
      broken = performance.now();
      set.isolate(third);
      healing.partition.push((await load.healed(broken, broken + 1_000)).allMs);
      await sleep(Math.max(0, PARTITION_MS - (performance.now() - broken)));
      expect(await set.primary()).not.toBe(third);
      broken = performance.now();
      set.join();
      // The cut-off member takes back what no majority had.
      await set.complete();
      healing.join.push((await load.healed(broken)).allMs);
      fair();
    }
    await load.finish();
    await promises.note(
      'answers go on within 5 s of a step-down of the primary',
      medianAndWorst(healing.stepDown) + slownessText(api.slowness),
      Math.max(...healing.stepDown) < STEPPED_DOWN_MS * api.slowness,
    );
    await promises.note(
      'answers go on within 20 s of a kill -9 of the primary (an election begins after 10 s)',
      medianAndWorst(healing.kill),
      Math.max(...healing.kill) < ELECTED_MS * api.slowness,
    );
    await promises.note(
      'answers go on within 20 s of a partition that cuts the primary off from the other members, not from the API',
      medianAndWorst(healing.partition),
      Math.max(...healing.partition) < ELECTED_MS * api.slowness,
    );
    await promises.note(
      'the end of the partition is no interruption, and the member that was cut off is a secondary again',
      medianAndWorst(healing.join),
      true,
    );
    await noteLoad(promises, load);
    promises.expectKept([...load.tally.problems, ...api.errors]);
  },
  120_000 + rounds * 120_000,
);
