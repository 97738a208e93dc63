import { type Bench, type FigureGroup, readOnce, request, roundsOf } from '../bench.ts';
import { requestTimes } from '../clients/request-times.ts';
import { figure, type Figure } from '../figure.ts';
import { startPlainService } from '../processes/baseline-processes.ts';
import { interleaved } from '../rounds.ts';
import { ratios } from '../statistics.ts';

const GROUP = 'etag';
const WARM_UPS = 3;

const GOALS = {
  tagged: { title: 'unchanged list again with its ETag, speed against (a)', unit: '×', goal: { atLeast: 200 } },
  untagged: { title: 'unchanged list again without, speed against (a)', unit: '×', goal: { atLeast: 10 } },
} as const;

export const unchangedList: FigureGroup = {
  name: GROUP,
  description: 'the unchanged list again, with its ETag and without, against (a)',
  async measure(bench) {
    const etag = await warmUp(bench);
    const plain = await startPlainService(bench.site.uri, bench.database.directory);
    const url = bench.site.api.url;
    const untagged = {
      plain: async () => (await readOnce(plain.url, { path: '/list' })).lastByteMs,
      untagged: async () => (await readOnce(url, request(bench, '/jobs/list'))).lastByteMs,
    };
    const conditional = etag === undefined ? null : request(bench, '/jobs/list', { 'If-None-Match': etag });
    const notModified = conditional !== null && (await readOnce(url, conditional)).status === 304;
    try {
      if (!notModified) {
        const times = await interleaved(bench.options.rounds, untagged, roundsOf(bench, GROUP));
        return [figure(GROUP, GOALS.tagged, 'not offered'), untaggedFigure(times)];
      }
      const measurements = {
        ...untagged,
        tagged: async () => (await requestTimes(url, bench.options.seconds, conditional)).ms,
      };
      const times = await interleaved(bench.options.rounds, measurements, roundsOf(bench, GROUP));
      return [
        figure(GROUP, GOALS.tagged, ratios(times.plain, times.tagged)),
        untaggedFigure(times),
        figure(GROUP, { title: 'the 304 of an unchanged list', unit: 'ms' }, times.tagged),
      ];
    } finally {
      await plain.stop();
    }
  },
};

function untaggedFigure(times: Record<'plain' | 'untagged', number[]>): Figure {
  return figure(GROUP, GOALS.untagged, ratios(times.plain, times.untagged));
}

/** @returns the list's ETag where it has one */
async function warmUp(bench: Bench): Promise<string | undefined> {
  bench.report(`${GROUP}: warming up`);
  let etag: string | undefined;
  for (let count = 0; count < WARM_UPS; count += 1) {
    const { headers } = await readOnce(bench.site.api.url, request(bench, '/jobs/list'));
    etag = headers.get('etag');
  }
  return etag;
}
