import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, MongoClient } from 'mongodb';
import { stringify } from 'yaml';
import type { ApiAnswer } from '../../support/api-client.js';
import { type ClockworkService, newDatabase, runCli, startService } from '../../support/clockwork-service.js';
import type { SlurmCluster } from './slurm-cluster.ts';
import { until } from './until.ts';

/** The shortest that a clusters file takes. */
export const INTERVAL_MS = 5_000;

/** A cluster as the clusters file describes it; its interval is the shortest unless said. */
export interface DescribedCluster {
  name: string;
  account_kind: 'mila' | 'cc';
  time_zone: string;
  [key: string]: unknown;
}

export interface PublicJob {
  slurm: Record<string, unknown>;
  cw: Record<string, unknown>;
  user: Record<string, unknown>;
}

export interface PublicNode {
  slurm: Record<string, unknown>;
  cw: Record<string, unknown>;
}

/** What `clusters/list` says of one. */
export interface ClusterReport {
  name: string;
  observed_at: string | null;
  stale: boolean;
  waiting: number;
  slurm_version: string | null;
  jobs: { observed_at: string; records: number; skipped: number } | null;
  nodes: { observed_at: string; records: number; skipped: number } | null;
  accounting: { observed_at: string; swept_until: string | null } | null;
  failures: { what: string; kind: string; message: string; consecutive: number }[];
}

/** Read by Slurm's commands, as they are run here. */
export function byCommand({ prefix, environment }: SlurmCluster): { command: object } {
  return { command: { prefix, environment } };
}

/** Waits until slurmctld has forgotten jobs. */
export async function untilForgotten(slurm: SlurmCluster, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await until(`slurmctld to forget job ${id}`, async () => {
      expect((await slurm.attempt('scontrol', ['show', 'job', id])).stderr).toContain('Invalid job id');
    });
  }
}

/** The built service, reading clusters into a database of its own. */
export class ClockworkOnSlurm {
  readonly #directory: string;
  #environment: NodeJS.ProcessEnv;
  #service: ClockworkService | null = null;
  #adminKey = '';

  private constructor(directory: string, environment: NodeJS.ProcessEnv) {
    this.#directory = directory;
    this.#environment = environment;
  }

  /** Nothing is read yet: users and keys can be made while Slurm starts. */
  static async prepare(): Promise<ClockworkOnSlurm> {
    const directory = await mkdtemp(join(tmpdir(), 'clockwork-clusters-'));
    const clockwork = new ClockworkOnSlurm(directory, {
      ...process.env,
      LOG_FORMAT: 'json',
      MONGODB_URI: newDatabase(),
    });
    try {
      clockwork.#adminKey = await clockwork.keyOf('root@example.org', ['--admin']);
      return clockwork;
    } catch (error) {
      await clockwork.end();
      throw error;
    }
  }

  get url(): string {
    return this.#running.url;
  }

  get adminKey(): string {
    return this.#adminKey;
  }

  /** @param clusters those of before unless given */
  async start(clusters?: readonly DescribedCluster[]): Promise<void> {
    if (clusters !== undefined) {
      const file = join(this.#directory, 'clusters.yaml');
      const interval = `${INTERVAL_MS / 1_000}s`;
      await writeFile(file, stringify({ clusters: clusters.map((cluster) => ({ interval, ...cluster })) }));
      this.#environment = { ...this.#environment, CLOCKWORK_CLUSTERS: file };
    }
    this.#service = await startService(this.#environment);
  }

  /** The collector too; what is in the database stays. */
  async stop(): Promise<void> {
    const service = this.#service;
    this.#service = null;
    await service?.stop();
  }

  async end(): Promise<void> {
    await this.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async cli(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runCli(this.#environment, args);
    if (code !== 0) throw new Error(`clockwork ${args.join(' ')} exited ${String(code)}: ${stderr}`);
    return stdout;
  }

  /** Adds a user, and makes a key. */
  async keyOf(email: string, options: readonly string[] = []): Promise<string> {
    await this.cli('users', 'add', email, ...options);
    return (await this.cli('keys', 'create', email)).trim();
  }

  /** As an admin, who sees everything. @param path from `/jobs`, `/nodes`, `/gpu` or `/clusters` on */
  async answer(path: string): Promise<ApiAnswer> {
    const absolute = path.startsWith('/clusters/') ? `/api/v1/cluster${path}` : path;
    const answer = await this.#running.request(absolute, { key: this.#adminKey });
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.text}`);
    return answer;
  }

  async body<T>(path: string): Promise<T> {
    return (await this.answer(path)).body as T;
  }

  /** @param id as its user writes it: `12`, `12_3` */
  async job(id: string, cluster?: string): Promise<PublicJob> {
    const query = new URLSearchParams({ job_id: id, ...(cluster === undefined ? {} : { cluster_name: cluster }) });
    return this.body<PublicJob>(`/jobs/one?${query.toString()}`);
  }

  /** Waits until a job is as expected, which `toMatchObject` says. */
  async untilJob(id: string, what: string, expected: object, withinMs?: number): Promise<PublicJob> {
    const check = async () => {
      const job = await this.job(id);
      expect(job).toMatchObject(expected);
      return job;
    };
    return until(`job ${id} ${what}`, check, withinMs);
  }

  async updateDict(id: string, pairs: object, key: string): Promise<ApiAnswer> {
    const json = { job_id: id, update_pairs: pairs };
    return this.#running.request('/jobs/user_dict_update', { method: 'PUT', key, json });
  }

  async cluster(name: string): Promise<ClusterReport> {
    const [report] = await this.body<ClusterReport[]>(`/clusters/list?cluster_name=${name}`);
    if (report === undefined) throw new Error(`clusters/list does not have ${name}`);
    return report;
  }

  /** Waits for a reading, jobs and nodes, that begins after now. */
  async untilReadAnew(name: string, withinMs?: number): Promise<ClusterReport> {
    const now = Date.now();
    const check = async () => {
      const report = await this.cluster(name);
      expect(Date.parse(report.observed_at ?? '')).toBeGreaterThan(now);
      return report;
    };
    return until(`a new reading of ${name}`, check, withinMs);
  }

  /** What was put aside when its id was given to another job, which no route shows. */
  async archived(id: string): Promise<Document[]> {
    const database = await MongoClient.connect(String(this.#environment['MONGODB_URI']));
    try {
      return await database.db().collection('jobs_archive').find({ 'slurm.job_id': id }).toArray();
    } finally {
      await database.close();
    }
  }

  get #running(): ClockworkService {
    if (this.#service === null) throw new Error('the service does not run');
    return this.#service;
  }
}
