import type { AccountingQuestion, JobRecord, SlurmSource, SourceReading } from '#libs/slurm';
import type { JobBatches } from './job-batches.js';
import { RestartCounts } from './restart-counts.js';

/** Asks accounting, and writes what it tells of those jobs that are kept. */
export async function readAccounting(
  source: SlurmSource,
  question: AccountingQuestion,
  batches: JobBatches,
  isKept: (record: JobRecord) => boolean,
  signal: AbortSignal,
): Promise<SourceReading> {
  // Asked for by its id, a job comes with all its runs.
  const restarts = new RestartCounts('jobIds' in question);
  const reading = await source.accounting(
    question,
    async (records) => {
      for (const record of records) {
        const told = restarts.told(record);
        if (isKept(told)) await batches.add(told);
      }
    },
    signal,
  );
  await batches.flush();
  return reading;
}
