import type { INestApplicationContext } from '@nestjs/common';
import { BSON } from 'mongodb';
import { commandActor } from '#libs/audit';
import { AccountError, userRecord, UsersService } from '#libs/auth';
import { type FieldError, isFieldError } from '#libs/common';
import { gpuDocument, GpuService } from '#libs/gpu';
import { type JobInput, jobInput, JobNames, JobWriter, type JobWriteOutcome } from '#libs/jobs';
import { isJsonObject, type JsonObject } from '#libs/json';
import { nodeSlurmPart, NodesService } from '#libs/nodes';
import { Batch } from './batch.js';
import type { ImportRecord } from './import-records.js';

export const PARTS = ['users', 'gpu', 'nodes', 'jobs'] as const;
export type Part = (typeof PARTS)[number];

/** What became of a part's records. */
export interface PartSummary {
  added: number;
  changed: number;
  unchanged: number;
  /** Older than what is on file: they change nothing. */
  outdated: number;
  /** Records that are not valid. */
  refused: number;
}

export interface ImportOptions {
  replaceUserDicts: boolean;
  /** Told of each record that is refused. */
  refuse: (where: string, what: string) => void;
}

/**
 * A record may take so much as BSON. Slurm's come nowhere near it, and with what is worked out of one it fits into what
 * MongoDB stores (16 MiB). As text it may be short: BSON numbers each item of a list.
 */
const MOST_STORED_BYTES = 4 * 1024 * 1024;

/** Writes the records of an import part by part, in batches, each record by the rules of its library. */
export class Importer {
  readonly summary = new Map<Part, PartSummary>();
  private readonly jobs = new Batch<JobInput>();
  private readonly nodes = new Batch<JsonObject>();
  private catalogueChanged = false;
  private usersChanged = false;
  private refusedCount = 0;

  constructor(
    private readonly services: INestApplicationContext,
    private readonly options: ImportOptions,
  ) {}

  /** How many records were refused. */
  get refused(): number {
    return this.refusedCount;
  }

  async take({ part, number, content }: ImportRecord): Promise<void> {
    const where = `${part} ${number}`;
    const known = PARTS.find((candidate) => candidate === part);
    if ('problem' in content) {
      this.refuse(known, where, content.problem);
    } else if (known === undefined) {
      this.refuse(known, where, `there is no part ${JSON.stringify(part)}; the parts are ${PARTS.join(', ')}`);
    } else if (!isJsonObject(content.value)) {
      this.refuse(known, where, 'it must be an object');
    } else {
      const bytes = BSON.calculateObjectSize(content.value);
      if (bytes > MOST_STORED_BYTES) {
        this.refuse(known, where, 'it would take more than 4 MiB as stored');
        return;
      }
      const error = await this.takeRecord(known, content.value, bytes);
      if (error !== null) this.refuse(known, where, `${error.field}: ${error.message}`);
    }
  }

  /** Writes what is still held, and brings what was worked out from users and GPUs up to date. */
  async finish(): Promise<void> {
    await this.writeNodes();
    await this.writeJobs();
    if (this.catalogueChanged) await this.services.get(NodesService).refreshGpus();
    if (this.usersChanged) await this.services.get(JobNames).refillPending();
  }

  private async takeRecord(part: Part, record: JsonObject, bytes: number): Promise<FieldError | null> {
    switch (part) {
      case 'users':
        return this.takeUser(record);
      case 'gpu': {
        const document = gpuDocument(record);
        if (isFieldError(document)) return document;
        const outcome = await this.services.get(GpuService).save(document);
        this.count(part)[outcome] += 1;
        this.catalogueChanged ||= outcome !== 'unchanged';
        return null;
      }
      case 'nodes': {
        const slurm = nodeSlurmPart(record);
        if (isFieldError(slurm)) return slurm;
        this.nodes.add(slurm, bytes);
        if (this.nodes.isFull) await this.writeNodes();
        return null;
      }
      case 'jobs': {
        const input = jobInput(record);
        if (isFieldError(input)) return input;
        this.jobs.add(input, bytes);
        if (this.jobs.isFull) await this.writeJobs();
        return null;
      }
    }
  }

  private async takeUser(record: JsonObject): Promise<FieldError | null> {
    const user = userRecord(record);
    if (isFieldError(user)) return user;
    try {
      const { outcome } = await this.services.get(UsersService).save(user.email, user.changes, commandActor());
      this.count('users')[outcome] += 1;
      this.usersChanged ||= outcome !== 'unchanged';
      return null;
    } catch (error) {
      if (error instanceof AccountError) return { field: error.field ?? 'mila_email_username', message: error.message };
      throw error;
    }
  }

  private async writeNodes(): Promise<void> {
    const batch = this.nodes.take();
    if (batch.length === 0) return;
    const { added, changed, unchanged } = await this.services.get(NodesService).save(batch);
    const counts = this.count('nodes');
    counts.added += added;
    counts.changed += changed;
    counts.unchanged += unchanged;
  }

  private async writeJobs(): Promise<void> {
    const batch = this.jobs.take();
    if (batch.length === 0) return;
    const writer = this.services.get(JobWriter);
    const counts = this.count('jobs');
    const outcomes = await writer.write(batch);
    for (const outcome of outcomes) if (outcome !== 'unclear') counts[outcome] += 1;
    if (!this.options.replaceUserDicts) return;
    const withOutcome = (outcome: JobWriteOutcome) => batch.filter((_, index) => outcomes[index] === outcome);
    await writer.replaceDicts(withOutcome('changed'));
    const replaced = await writer.replaceDicts(withOutcome('unchanged'));
    counts.unchanged -= replaced;
    counts.changed += replaced;
  }

  private refuse(part: Part | undefined, where: string, what: string): void {
    this.refusedCount += 1;
    if (part !== undefined) this.count(part).refused += 1;
    this.options.refuse(where, what);
  }

  private count(part: Part): PartSummary {
    const counts = this.summary.get(part) ?? { added: 0, changed: 0, unchanged: 0, outdated: 0, refused: 0 };
    this.summary.set(part, counts);
    return counts;
  }
}
