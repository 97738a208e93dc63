import { type Bench, type FigureGroup, roundsOf } from '../bench.ts';
import { requestsPerSecond } from '../clients/load.ts';
import { processorMs } from '../clients/process-statistics.ts';
import { figure, type Figure, type Outcome } from '../figure.ts';
import { startApi } from '../processes/clockwork-process.ts';
import { interleaved } from '../rounds.ts';
import { ratios } from '../statistics.ts';
import { type Kind, mixedLoad } from './mixed-load.ts';

const GROUP = 'processes';

/** Requests a second of one process, and what a request costs: what a deployment's size is worked out from. */
export const severalProcesses: FigureGroup = {
  name: GROUP,
  description: 'two API processes on one database against one, and the processor time of a request',
  async measure(bench) {
    const second = await startApi(bench.site.uri, bench.database.directory);
    const figures: Figure[] = [];
    for (const kind of mixedLoad({ jobs: bench.site.jobs, key: bench.key }))
      figures.push(...(await measured(bench, kind, second)));
    await second.stop();
    return figures;
  },
};

async function measured(bench: Bench, { name, next }: Kind, second: Bench['site']['api']): Promise<Figure[]> {
  const { site, options, serverPid } = bench;
  const api: number[] = [];
  const database: number[] = [];
  const one = async (): Promise<number> => {
    const before = await spentBy([site.api.pid, serverPid]);
    const rate = await requestsPerSecond([site.api.url], options.seconds, next);
    const after = await spentBy([site.api.pid, serverPid]);
    const requests = rate * options.seconds;
    api.push(((after[0] ?? 0) - (before[0] ?? 0)) / requests);
    database.push(((after[1] ?? 0) - (before[1] ?? 0)) / requests);
    return rate;
  };
  const two = () => requestsPerSecond([site.api.url, second.url], options.seconds, next);
  await interleaved(1, { one, two }, () => {
    bench.report(`${name}: warming up`);
  });
  api.length = database.length = 0;
  const rates = await interleaved(options.rounds, { one, two }, roundsOf(bench, name));
  const onLinux = (samples: number[]): Outcome =>
    process.platform === 'linux' ? samples : 'measured on Linux alone (/proc)';
  const line = (title: string, unit: Figure['unit'], outcome: Outcome) => figure(GROUP, { title, unit }, outcome);
  return [
    line(`${name}, one API process`, 'requests/s', rates.one),
    line(`${name}, two API processes against one`, '×', ratios(rates.two, rates.one)),
    line(`${name}, processor time of the API`, 'ms', onLinux(api)),
    line(`${name}, processor time of the database`, 'ms', onLinux(database)),
  ];
}

/** Milliseconds of each. */
async function spentBy(pids: readonly number[]): Promise<number[]> {
  return process.platform === 'linux' ? Promise.all(pids.map((pid) => processorMs([pid]))) : [];
}
