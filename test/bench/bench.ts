import type { BenchDatabase } from './data/bench-database.ts';
import type { JobKey } from './data/job-records.ts';
import type { Figure } from './figure.ts';
import { HttpConnection, type CountedAnswer } from './clients/http-connection.ts';
import type { BenchOptions } from './options.ts';
import { type ServingProcess } from './processes/child-process.ts';
import { startApi } from './processes/clockwork-process.ts';

/** A database of so many jobs, and the API on it. */
export interface Site {
  jobs: number;
  uri: string;
  api: ServingProcess;
}

/** What all measurements have. */
export interface Bench {
  options: BenchOptions;
  database: BenchDatabase;
  /** The mongod of all sites. */
  serverPid: number;
  /** At the documented size, or smaller where fewer jobs were asked for. */
  site: Site;
  /** Beyond the documented size; null where no more jobs were asked for. */
  largeSite: Site | null;
  /** A user's key, and jobs of that user. */
  key: string;
  ownJobs: readonly JobKey[];
  report(message: string): void;
}

/** Takes the figures of one name of `--only`. */
export interface FigureGroup {
  name: string;
  description: string;
  measure(bench: Bench): Promise<Figure[]>;
}

const BASE = '/api/v1/cluster';

/** A request of the service's, with the key. */
export function request(
  { key }: Pick<Bench, 'key'>,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): { path: string; headers: Record<string, string> } {
  // Without `Accept-Encoding` any coding would do (RFC 9110, section 12.5.3).
  return { path: BASE + path, headers: { Authorization: `Bearer ${key}`, 'Accept-Encoding': 'identity', ...headers } };
}

export function oneJob({ job_id, cluster_name }: JobKey): string {
  return `?job_id=${job_id}&cluster_name=${cluster_name}`;
}

let updates = 0;

/** Sends an update of a dict. */
export async function updateDict(
  bench: Bench,
  connection: HttpConnection,
  job: JobKey,
  pairs: object,
): Promise<CountedAnswer> {
  const { path, headers } = request(bench, '/jobs/user_dict_update', { 'Content-Type': 'application/json' });
  return connection.request({ method: 'PUT', path, headers, body: JSON.stringify({ ...job, update_pairs: pairs }) });
}

/** Changes one job, so that no answer made before is that of the list any more. */
export async function changeList(bench: Bench, site: Site): Promise<void> {
  const [job] = bench.ownJobs;
  if (job === undefined) throw new Error('the key owns no job');
  const connection = await HttpConnection.open(site.api.url);
  await updateDict(bench, connection, job, { bench_change: (updates += 1) });
  connection.close();
}

/** Reads an answer to its last byte, on a connection of its own. */
export async function readOnce(
  url: string,
  message: { path: string; headers?: Record<string, string> },
): Promise<CountedAnswer> {
  const connection = await HttpConnection.open(url);
  try {
    return await connection.request(message);
  } finally {
    connection.close();
  }
}

/** A fresh API process on a site, since memory once grown is not given back. */
export async function withFreshApi<T>(bench: Bench, site: Site, use: (fresh: Site) => Promise<T>): Promise<T> {
  const api = await startApi(site.uri, bench.database.directory);
  try {
    return await use({ ...site, api });
  } finally {
    await api.stop();
  }
}

/** Reports the rounds of a measurement. */
export function roundsOf(bench: Bench, name: string): (round: number) => void {
  return (round) => {
    bench.report(`${name}: round ${round} of ${bench.options.rounds}`);
  };
}
