import { type FigureGroup, oneJob, request, roundsOf } from '../bench.ts';
import { requestsPerSecond } from '../clients/load.ts';
import { jobKey } from '../data/job-records.ts';
import { seededRandom } from '../data/random.ts';
import { figure } from '../figure.ts';
import { startPlainService } from '../processes/baseline-processes.ts';
import { interleaved } from '../rounds.ts';
import { ratios } from '../statistics.ts';

const GROUP = 'one';

export const oneJobUnderLoad: FigureGroup = {
  name: GROUP,
  description: "jobs/one under load, against (a)'s findOne",
  async measure(bench) {
    const { site, options } = bench;
    const plain = await startPlainService(site.uri, bench.database.directory);
    const random = seededRandom(1);
    const anyJob = () => oneJob(jobKey(Math.floor(random() * site.jobs)));
    const measurements = {
      plain: () => requestsPerSecond([plain.url], options.seconds, () => ({ path: `/one${anyJob()}` })),
      ours: () => requestsPerSecond([site.api.url], options.seconds, () => request(bench, `/jobs/one${anyJob()}`)),
      byId: () =>
        requestsPerSecond([site.api.url], options.seconds, () =>
          request(bench, `/jobs/one${anyJob().replace(/&.*/, '')}`),
        ),
    };
    await interleaved(1, measurements, () => {
      bench.report('one: warming up');
    });
    const rates = await interleaved(options.rounds, measurements, roundsOf(bench, 'one'));
    await plain.stop();
    return [
      figure(
        GROUP,
        { title: 'jobs/one under load, against (a)', unit: '×', goal: { atLeast: 0.8 } },
        ratios(rates.ours, rates.plain),
      ),
      figure(GROUP, { title: 'jobs/one under load', unit: 'requests/s' }, rates.ours),
      figure(
        GROUP,
        { title: 'jobs/one by an id alone, which is looked for in the archive too, against (a)', unit: '×' },
        ratios(rates.byId, rates.plain),
      ),
      figure(GROUP, { title: 'findOne through bare Fastify, (a)', unit: 'requests/s' }, rates.plain),
    ];
  },
};
