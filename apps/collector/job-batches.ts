import { countShortLivedBytes, isFieldError } from '#libs/common';
import type { ClusterConfiguration } from '#libs/clusters';
import type { JobInput, JobOrigin, JobWriter, JobWriteOutcome } from '#libs/jobs';
import type { JobRecord } from '#libs/slurm';
import { inputOf } from './job-inputs.js';
import { withinPatience } from './patience.js';

/** Jobs written at a time. */
const BATCH = 250;
/**
 * Of what a job goes through on its way, from its text to the driver's messages, about: so that after each full batch, when all
 * of it is dead, V8 looks for what is young. Else much of it has grown old by the next look, and stays for long.
 */
const SHORT_LIVED_BYTES = 40 * 1024;

/** What a reading has to do with the process that makes it. */
export interface WriteTerms {
  /** Throws where another process has taken over the cluster. */
  mayWrite(): void;
  /** Told of records that cannot be stored. */
  refuse(id: string, field: string, reason: string): void;
}

interface Followers {
  /** Told of records once they are written. */
  written?(records: readonly JobRecord[]): void;
  /** Told of jobs of which this record alone does not tell whether they are those on file. */
  unclear?(jobId: string): void;
}

/** Writes records in batches, each no sooner than this process may still write for its cluster. */
export class JobBatches {
  private records: JobRecord[] = [];
  readonly counts: Record<JobWriteOutcome, number> = { added: 0, changed: 0, unchanged: 0, outdated: 0, unclear: 0 };

  constructor(
    private readonly writer: JobWriter,
    private readonly cluster: ClusterConfiguration,
    private readonly origin: JobOrigin,
    private readonly terms: WriteTerms,
    private readonly followers: Followers = {},
  ) {}

  async add(record: JobRecord): Promise<void> {
    this.records.push(record);
    if (this.records.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const records = this.records;
    this.records = [];
    const inputs: JobInput[] = [];
    const stored: JobRecord[] = [];
    for (const record of records) {
      const input = inputOf(record, this.cluster);
      if (isFieldError(input)) {
        this.terms.refuse(record.jobId, input.field, input.message);
        continue;
      }
      inputs.push(input);
      stored.push(record);
    }
    if (inputs.length === 0) return;
    const outcomes = await withinPatience(
      this.writer.write(inputs, this.origin, () => {
        this.terms.mayWrite();
      }),
    );
    outcomes.forEach((outcome, index) => {
      this.counts[outcome] += 1;
      const record = stored[index];
      if (outcome === 'unclear' && record !== undefined) this.followers.unclear?.(record.jobId);
    });
    this.followers.written?.(stored);
    countShortLivedBytes(stored.length * SHORT_LIVED_BYTES, true);
  }
}
