import type { Site } from './bench.ts';
import type { BenchDatabase } from './data/bench-database.ts';
import { importLines } from './data/import-lines.ts';
import { multiplyJobs } from './data/multiply-jobs.ts';
import { BUSY } from './data/people.ts';
import { DOCUMENTED_JOBS } from './options.ts';
import { clockwork, startApi } from './processes/clockwork-process.ts';
import { thousands } from './thousands.ts';

export interface Sites {
  site: Site;
  largeSite: Site | null;
  /** Of the user who owns one job in twenty; valid on both. */
  key: string;
}

/** Imports jobs up to the documented size; a larger database is made of copies of them. */
export async function openSites(
  database: BenchDatabase,
  jobs: number,
  report: (message: string) => void,
): Promise<Sites> {
  const imported = Math.min(jobs, DOCUMENTED_JOBS);
  const uri = database.uri('bench');
  // The API first, since it makes the indexes.
  const api = await startApi(uri, database.directory);
  report(`importing ${thousands(imported)} jobs`);
  await clockwork(uri, ['import', '-'], importLines(imported));
  const key = (await clockwork(uri, ['keys', 'create', BUSY.email])).trim();
  const site = { jobs: imported, uri, api };
  return { site, largeSite: jobs > imported ? await openLargeSite(database, jobs, report) : null, key };
}

async function openLargeSite(database: BenchDatabase, jobs: number, report: (message: string) => void): Promise<Site> {
  report(`multiplying them to ${thousands(jobs)}`);
  await multiplyJobs(database.db('bench'), database.db('bench_large'), jobs);
  report('making the indexes');
  const uri = database.uri('bench_large');
  return { jobs, uri, api: await startApi(uri, database.directory) };
}
