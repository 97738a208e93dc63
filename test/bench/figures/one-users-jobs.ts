import { exchange } from '../../support/http-exchange.ts';
import { type Bench, type FigureGroup, request, roundsOf, type Site } from '../bench.ts';
import { requestTimes } from '../clients/request-times.ts';
import { OCCASIONAL, OCCASIONAL_JOBS } from '../data/people.ts';
import { figure } from '../figure.ts';
import { DOCUMENTED_JOBS } from '../options.ts';
import { interleaved } from '../rounds.ts';
import { ratios } from '../statistics.ts';
import { thousands } from '../thousands.ts';

const GROUP = 'user';

export const oneUsersJobs: FigureGroup = {
  name: GROUP,
  description: "one user's jobs out of all, at both sizes",
  async measure(bench) {
    const { site, largeSite, options } = bench;
    const title = `one user's ${OCCASIONAL_JOBS} jobs`;
    const ms = async (of: Site) => (await requestTimes(of.api.url, options.seconds, userList(bench))).ms;
    for (const of of [site, ...(largeSite === null ? [] : [largeSite])]) await checkCount(bench, of);
    const small = { title: `${title} out of ${thousands(site.jobs)}`, unit: 'ms' } as const;
    if (largeSite === null) {
      const times = await interleaved(options.rounds, { small: () => ms(site) }, roundsOf(bench, GROUP));
      const description = {
        title: `${title} out of 1 000 000 against out of ${thousands(DOCUMENTED_JOBS)}, time`,
        unit: '×',
        goal: { atMost: 1.2 },
      } as const;
      return [figure(GROUP, description, 'needs --jobs 1000000'), figure(GROUP, small, times.small)];
    }
    const measurements = { small: () => ms(site), large: () => ms(largeSite) };
    await interleaved(1, measurements, () => {
      bench.report('user: warming up');
    });
    const times = await interleaved(options.rounds, measurements, roundsOf(bench, GROUP));
    const of = `${title} out of ${thousands(largeSite.jobs)}`;
    return [
      figure(
        GROUP,
        { title: `${of} against out of ${thousands(site.jobs)}, time`, unit: '×', goal: { atMost: 1.2 } },
        ratios(times.large, times.small),
      ),
      figure(GROUP, small, times.small),
      figure(GROUP, { title: of, unit: 'ms' }, times.large),
    ];
  },
};

function userList(bench: Bench) {
  return request(bench, `/jobs/list?user=${OCCASIONAL.mila}`);
}

/** A comparison of lists of other lengths would mean nothing. */
async function checkCount(bench: Bench, { api }: Site): Promise<void> {
  const { body } = await exchange(api.url, userList(bench).path, { key: bench.key });
  const count = Array.isArray(body) ? body.length : 0;
  if (count !== OCCASIONAL_JOBS) throw new Error(`the user has ${count} jobs, not ${OCCASIONAL_JOBS}`);
}
