import { type FigureGroup, readOnce, request, roundsOf } from '../bench.ts';
import { requestTimes } from '../clients/request-times.ts';
import { figure } from '../figure.ts';
import { interleaved } from '../rounds.ts';

const GROUP = 'page';

export const firstPage: FigureGroup = {
  name: GROUP,
  description: 'a page of 100 jobs',
  async measure(bench) {
    const { api } = bench.site;
    const page = request(bench, '/jobs/list?limit=100');
    const { headers, bytes } = await readOnce(api.url, page);
    const [time, size] = [
      { title: 'a page of 100 jobs, time', unit: 'ms' },
      { title: 'a page of 100 jobs, size', unit: 'bytes' },
    ] as const;
    // A service that does not know `limit` answers with the whole list.
    if (!/rel="?next"?/.test(headers.get('link') ?? '')) {
      return [figure(GROUP, time, 'not offered'), figure(GROUP, size, 'not offered')];
    }
    const times = await interleaved(
      bench.options.rounds,
      { page: async () => (await requestTimes(api.url, bench.options.seconds, page)).ms },
      roundsOf(bench, GROUP),
    );
    return [figure(GROUP, time, times.page), figure(GROUP, size, [bytes])];
  },
};
