import { join } from 'node:path';
import type { Bench, FigureGroup } from '../bench.ts';
import { roundsOf } from '../bench.ts';
import { SLURM_VERSIONS, type SlurmVersion } from '../data/squeue-document.ts';
import { figure, type Figure } from '../figure.ts';
import { CollectorProcess } from '../processes/collector-process.ts';
import { interleaved, type Measurement } from '../rounds.ts';
import { ratios } from '../statistics.ts';
import { thousands } from '../thousands.ts';

const GROUP = 'collector';
const MOST_JOBS = 20_000;
/** One job in so many. */
const FEW = 100;
/** Cycles of each kind before those that count; the first of all adds the jobs. */
const WARM_UPS = 1;

export const collectorCycle: FigureGroup = {
  name: GROUP,
  description: `a cycle over ${thousands(MOST_JOBS)} jobs of which few changed against all`,
  async measure(bench) {
    const jobs = Math.min(MOST_JOBS, bench.options.jobs);
    const figures: Figure[] = [];
    for (const version of SLURM_VERSIONS) {
      const times = await cyclesOf(bench, version, jobs);
      const cycle = `cycle over ${thousands(jobs)} jobs of Slurm ${version}`;
      figures.push(
        figure(
          GROUP,
          { title: `${cycle}, 1 % changed against all, time`, unit: '×', goal: { atMost: 0.2 } },
          ratios(times.few, times.all),
        ),
        figure(GROUP, { title: `${cycle}, 1 % changed`, unit: 'ms' }, times.few),
        figure(GROUP, { title: `${cycle}, all changed`, unit: 'ms' }, times.all),
      );
    }
    return figures;
  },
};

async function cyclesOf(bench: Bench, version: SlurmVersion, jobs: number): Promise<Record<'all' | 'few', number[]>> {
  const database = `collector_${version.replace('.', '_')}`;
  const directory = join(bench.database.directory, database);
  const collector = await CollectorProcess.start(bench.database.uri(database), directory, version);
  const changed = new Array<number>(jobs).fill(0);
  let moment = 0;
  const show = () =>
    collector.show({ version, layout: 'indented', jobs, moment, changedAt: (index) => changed[index] ?? 0 });
  const cycle =
    (isChanged: (index: number) => boolean): Measurement =>
    async () => {
      moment += 1;
      changed.forEach((_, index) => {
        if (isChanged(index)) changed[index] = moment;
      });
      await show();
      const { ms, jobs: told } = await collector.cycle(jobs);
      const expected = changed.filter((when) => when === moment).length;
      if (told['changed'] !== expected)
        throw new Error(`${expected} jobs changed, written were ${JSON.stringify(told)}`);
      return ms;
    };
  const measurements = { all: cycle(() => true), few: cycle((index) => index % FEW === moment % FEW) };
  try {
    await show();
    bench.report(`${GROUP} ${version}: the first reading`);
    await collector.cycle(jobs);
    await interleaved(WARM_UPS, measurements, () => {
      bench.report(`${GROUP} ${version}: warming up`);
    });
    return await interleaved(bench.options.rounds, measurements, roundsOf(bench, `${GROUP} ${version}`));
  } finally {
    await collector.stop();
    await bench.database.db(database).dropDatabase();
  }
}
