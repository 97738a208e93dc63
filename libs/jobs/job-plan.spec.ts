import fc from '../../test/support/seeded-fast-check.js';
import { ObjectId } from 'mongodb';
import { Types } from 'mongoose';
import { isJsonNumber, toNumber } from '#libs/json';
import { jobInputOf } from '../../test/support/job-inputs.js';
import { type JobStore, ModelReader, type SeenJob } from '../../test/support/model-reader.js';
import { anyCommand, type ModelRecord, OFFERS, SlurmModel } from '../../test/support/slurm-model.js';
import { contentHash, cwPart, identityOf, keyOf, progressOf } from './job-document.js';
import type { JobInput } from './job-input.js';
import type { JobOnFile } from './job-on-file.js';
import { planOf } from './job-plan.js';
import { newAttempts } from './job-update.js';

type ShelvedJob = JobOnFile & SeenJob & { dict: string[] };

/** Carries out the plans for jobs in memory, with dicts that no plan touches. */
class Shelf implements JobStore {
  private readonly jobs = new Map<string, ShelvedJob>();
  private readonly archive: ShelvedJob[] = [];

  write(records: readonly ModelRecord[], origin: 'controller' | 'accounting'): Promise<void> {
    for (const record of records) this.take(jobInputOf(record.slurm, record.identity), origin);
    return Promise.resolve();
  }

  writeDict(job: SeenJob, key: string): Promise<void> {
    this.jobs.get(String(job.slurm['job_id']))?.dict.push(key);
    return Promise.resolve();
  }

  current(): Promise<SeenJob[]> {
    return Promise.resolve([...this.jobs.values()]);
  }

  archived(): Promise<SeenJob[]> {
    return Promise.resolve(this.archive);
  }

  private take(input: JobInput, origin: 'controller' | 'accounting'): void {
    const { jobId } = keyOf(input);
    const present = this.jobs.get(jobId);
    if (present === undefined) {
      this.jobs.set(jobId, shelved(input, contentHash(input), [], []));
      return;
    }
    const plan = planOf(present, { input, hash: contentHash(input) }, origin);
    if (typeof plan === 'string') return;
    if (plan.kind === 'successor') {
      this.archive.push(present);
      this.jobs.set(jobId, shelved(input, contentHash(input), [], []));
    } else if (plan.kind === 'next') {
      const attempts = [...present.cw.attempts, ...newAttempts(present, plan.next)];
      this.jobs.set(jobId, shelved(plan.next.input, plan.next.hash, attempts, present.dict));
    } else {
      const told = plan.update.filter['cw.attempts.submit_time'] as unknown;
      const attempt = present.cw.attempts.find((each) => each['submit_time'] === told);
      for (const [path, value] of Object.entries<unknown>(plan.update.update.$set ?? {})) {
        if (attempt !== undefined) attempt[path.replace('cw.attempts.$.', '')] = value;
      }
    }
  }
}

/** As the driver would give it. */
function shelved(input: JobInput, hash: string, attempts: unknown[], dict: string[]): ShelvedJob {
  const slurm = Object.fromEntries(
    [...input.slurm].map(([key, value]) => [key, isJsonNumber(value) ? toNumber(value) : value]),
  );
  const { submitted, restarts } = identityOf(input);
  const { live } = progressOf(input);
  return {
    _id: new ObjectId(),
    slurm: slurm as ShelvedJob['slurm'],
    cw: { ...cwPart(input, input.given, []), attempts: attempts as Record<string, unknown>[] },
    derived: { submitted: submitted === null ? null : new Date(submitted) },
    source: {
      incarnation: new Types.ObjectId(),
      hash,
      restarts,
      given: input.given,
      ...input.identity,
      ...(live ? { live } : {}),
    },
    dict,
  };
}

describe('whatever happens in a Slurm and however badly it is read', () => {
  it.each(OFFERS)(
    'no dict gets lost or onto another job, no end is taken back, and attempts are all there: as $version tells',
    async (offer) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyCommand, { maxLength: 60, size: 'max' }), async (commands) => {
          const slurm = new SlurmModel(offer, 'mila');
          const reader = new ModelReader(slurm, new Shelf());
          for (const command of commands) await reader.step(command);
          await reader.end();
        }),
        { numRuns: 100 },
      );
    },
  );
});
