import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { DatabaseCalls } from '#libs/database';
import { Cluster } from './cluster.schema.js';

const MOST_AGE_MS = 1_000;
/** What a request waits for it, where the database takes longer: what was known before is no wrong answer, only an older one. */
const MOST_WAIT_MS = 300;
/** More than a lab has ever had. */
const MOST_CLUSTERS = 1_000;

/** When a cluster was last read whole, milliseconds since 1970; null: never. */
export interface ClusterReadings {
  name: string;
  intervalMs: number;
  jobs: number | null;
  nodes: number | null;
}

/**
 * When each cluster was last read, as this process knows it: for every request, at the price of one small read a second.
 */
@Injectable()
export class KnownReadings {
  private known: ReadonlyMap<string, ClusterReadings> = new Map();
  /** When the reading of it began, by `performance.now()`. */
  private knownAt = Number.NEGATIVE_INFINITY;
  private refreshed: Promise<void> | null = null;

  constructor(
    @InjectModel(Cluster.name) private readonly clusters: Model<Cluster>,
    private readonly calls: DatabaseCalls,
  ) {}

  /** By name; at most a second old, and older only while the database does not tell. Never fails. */
  async get(): Promise<ReadonlyMap<string, ClusterReadings>> {
    if (performance.now() - this.knownAt > MOST_AGE_MS) {
      this.refreshed ??= this.refresh();
      await this.refreshed;
    }
    return this.known;
  }

  /** @returns once it is done, or at the end of a request's patience; others who come meanwhile wait with it */
  private refresh(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, MOST_WAIT_MS);
    });
    const read = this.read()
      // Whoever asked goes on to read jobs or nodes, and tells of an outage where it meets that too.
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        this.refreshed = null;
      });
    return Promise.race([read, patience]);
  }

  private async read(): Promise<void> {
    const begun = performance.now();
    const projection = { _id: 0, name: 1, interval_ms: 1, 'jobs.observed_at': 1, 'nodes.observed_at': 1 };
    const states = await this.calls.run(() =>
      this.clusters.collection.find<ReadState>({}, { projection }).limit(MOST_CLUSTERS).toArray(),
    );
    this.known = new Map(
      states.map(({ name, interval_ms, jobs, nodes }) => [
        name,
        {
          name,
          intervalMs: interval_ms,
          jobs: jobs?.observed_at.getTime() ?? null,
          nodes: nodes?.observed_at.getTime() ?? null,
        },
      ]),
    );
    this.knownAt = begun;
  }
}

interface ReadState {
  name: string;
  interval_ms: number;
  jobs: { observed_at: Date } | null;
  nodes: { observed_at: Date } | null;
}
