import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nothingRunsOn } from '../support/embedded-processes.js';
import { campaign } from './support/campaign.ts';
import { Promises } from './support/promises.ts';
import { Load } from './support/load.ts';
import { SmallDisk, whyNoSmallDisk } from './support/small-disk.ts';
import { medianAndWorst, noteLoad } from './support/summary.ts';
import { SupervisedApi } from './support/supervised-api.ts';

/** The oplog, the journal and the jobs need a third of it. */
const DISK_MIB = 700;
/** As long as the database takes between two starts that fail. */
const HEALED_MS = 10_000;

const { short } = campaign();
const promises = new Promises('disk');
const rounds = short ? 1 : 3;
const FULL_MS = short ? 5_000 : 15_000;

let scratch: string;
let disk: SmallDisk | undefined;
let api: SupervisedApi | undefined;
let load: Load | undefined;

afterAll(async () => {
  await disk?.free();
  await load?.stop();
  await api?.stop();
  await nothingRunsOn(scratch, 30_000);
  await disk?.unmount();
  await rm(scratch, { recursive: true, force: true });
}, 120_000);

it(
  'a full disk',
  async () => {
    scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-faults-')));
    const reason = await whyNoSmallDisk(scratch);
    if (reason !== null) {
      await promises.note('what cannot be written is 503, and nothing is lost', `not tried: ${reason}`, null);
      return;
    }
    disk = await SmallDisk.mount(join(scratch, 'disk'), DISK_MIB);
    api = await SupervisedApi.start(scratch, { CLOCKWORK_DATA_DIR: join(disk.directory, 'data') });
    load = await Load.begin(api.url, api.environment);
    await load.healed(performance.now());
    const healing: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await sleep(1_000);
      const fair = load.weather.begin(false);
      await disk.fill();
      await sleep(FULL_MS);
      await disk.free();
      const freed = performance.now();
      healing.push((await load.healed(freed)).allMs);
      fair();
    }
    await load.finish();
    await promises.note(
      'all is answered again by itself within 10 s of there being room',
      medianAndWorst(healing),
      Math.max(...healing) < HEALED_MS * api.leeway,
    );
    await promises.note(
      'while the disk is full, requests are answered 503',
      `${load.tally.unavailable} times`,
      load.tally.unavailable > 0,
    );
    await noteLoad(promises, load, api.leeway);
    promises.expectKept([...load.tally.problems, ...api.errors]);
  },
  120_000 + rounds * 90_000,
);
