import { exchange } from '../../support/http-exchange.ts';
import { type Bench, type FigureGroup, oneJob, request, roundsOf, updateDict } from '../bench.ts';
import { HttpConnection } from '../clients/http-connection.ts';
import type { JobKey } from '../data/job-records.ts';
import { figure } from '../figure.ts';
import { interleaved } from '../rounds.ts';
import { ratios } from '../statistics.ts';
import { thousands } from '../thousands.ts';

const GROUP = 'updates';
const MOST_UPDATES = 1_000;

export const dictUpdates: FigureGroup = {
  name: GROUP,
  description: 'updates of user dicts at once, into one job and into as many jobs',
  async measure(bench) {
    const { rounds } = bench.options;
    // In each round another job is the one, so that every round begins with a short dict.
    const targets = bench.ownJobs.slice(0, rounds);
    const writers = await openWriters(bench, bench.ownJobs.slice(rounds, rounds + MOST_UPDATES));
    const times = await interleaved(
      rounds,
      {
        many: () => updateAll(bench, writers, null),
        one: async () => {
          const job = targets.pop();
          if (job === undefined) throw new Error('the key owns too few jobs');
          const ms = await updateAll(bench, writers, job);
          await checkKept(bench, job, writers.length);
          return ms;
        },
      },
      roundsOf(bench, GROUP),
    );
    for (const { connection } of writers) connection.close();
    const count = thousands(writers.length);
    const [one, many] = [`${count} updates into one job at once`, `${count} updates into ${count} jobs at once`];
    return [
      figure(
        GROUP,
        { title: `${one} against into ${count} jobs, time`, unit: '×', goal: { atMost: 2 } },
        ratios(times.one, times.many),
      ),
      figure(GROUP, { title: one, unit: 'ms' }, times.one),
      figure(GROUP, { title: many, unit: 'ms' }, times.many),
    ];
  },
};

interface Writer {
  connection: HttpConnection;
  ownJob: JobKey;
}

function openWriters({ site }: Bench, jobs: readonly JobKey[]): Promise<Writer[]> {
  return Promise.all(jobs.map(async (ownJob) => ({ connection: await HttpConnection.open(site.api.url), ownJob })));
}

/**
 * All at once, each with a key of its own in the dict.
 * @param target null: each into its own job
 * @returns milliseconds to the last answer
 */
async function updateAll(bench: Bench, writers: readonly Writer[], target: JobKey | null): Promise<number> {
  const begin = performance.now();
  await Promise.all(
    writers.map(({ connection, ownJob }, index) =>
      updateDict(bench, connection, target ?? ownJob, { [`metric_${index}`]: Math.random() }),
    ),
  );
  return performance.now() - begin;
}

/** An update that was lost would be no fast one. */
async function checkKept(bench: Bench, job: JobKey, updates: number): Promise<void> {
  const { path } = request(bench, `/jobs/one${oneJob(job)}`);
  const { body } = await exchange(bench.site.api.url, path, { key: bench.key });
  const { user } = body as { user: object };
  const kept = Object.keys(user).filter((name) => name.startsWith('metric_')).length;
  if (kept !== updates) throw new Error(`${updates} updates were acknowledged, ${kept} are there`);
}
