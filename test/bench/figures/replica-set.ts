import { type Bench, type FigureGroup, roundsOf } from '../bench.ts';
import { requestsPerSecond } from '../clients/load.ts';
import { importLines } from '../data/import-lines.ts';
import { BUSY } from '../data/people.ts';
import { startThreeMembers } from '../data/three-members.ts';
import { figure, type Figure } from '../figure.ts';
import { clockwork, startApi } from '../processes/clockwork-process.ts';
import { interleaved } from '../rounds.ts';
import { ratios } from '../statistics.ts';
import { thousands } from '../thousands.ts';
import { mixedLoad } from './mixed-load.ts';

const GROUP = 'replica-set';
/** Enough for the figures, which are not about size; an import into three members takes its time. */
const MOST_JOBS = 20_000;

/** What three members cost against the one of the embedded database, and what a second API process gives there. */
export const replicaSet: FigureGroup = {
  name: GROUP,
  description: 'one and two API processes on a replica set of three members, against one process on one member',
  async measure(bench) {
    const { directory } = bench.database;
    const jobs = Math.min(bench.site.jobs, MOST_JOBS);
    const set = await startThreeMembers(await bench.database.binary(), directory);
    const uri = set.uri('bench');
    const first = await startApi(uri, directory);
    const second = await startApi(uri, directory);
    bench.report(`importing ${thousands(jobs)} jobs into three members`);
    await clockwork(uri, ['import', '-'], importLines(jobs));
    const key = (await clockwork(uri, ['keys', 'create', BUSY.email])).trim();
    const figures = await measured(bench, { jobs, key, urls: [first.url, second.url] });
    await Promise.all([first.stop(), second.stop()]);
    await set.stop();
    return figures;
  },
};

async function measured(
  bench: Bench,
  { jobs, key, urls: [first, second] }: { jobs: number; key: string; urls: [string, string] },
): Promise<Figure[]> {
  const { site, options } = bench;
  // The same questions of both: of one member are asked the jobs that are in both.
  const single = mixedLoad({ jobs, key: bench.key });
  const figures: Figure[] = [];
  for (const [at, { name, next }] of mixedLoad({ jobs, key }).entries()) {
    const sides = {
      single: () => requestsPerSecond([site.api.url], options.seconds, single[at]?.next ?? next),
      one: () => requestsPerSecond([first], options.seconds, next),
      two: () => requestsPerSecond([first, second], options.seconds, next),
    };
    await interleaved(1, sides, () => {
      bench.report(`${name}: warming up`);
    });
    const rates = await interleaved(options.rounds, sides, roundsOf(bench, name));
    figures.push(
      figure(GROUP, { title: `${name}, three members, one API process`, unit: 'requests/s' }, rates.one),
      figure(GROUP, { title: `${name}, three members against one`, unit: '×' }, ratios(rates.one, rates.single)),
      figure(
        GROUP,
        { title: `${name}, three members, two API processes against one`, unit: '×' },
        ratios(rates.two, rates.one),
      ),
    );
  }
  return figures;
}
