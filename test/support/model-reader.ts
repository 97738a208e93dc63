import type { Command, ModelRecord, SlurmModel } from './slurm-model.js';

/** A job as the test sees it, on file or in the archive. */
export interface SeenJob {
  slurm: Record<string, unknown>;
  cw: { phase: string; outcome: string | null; attempts: readonly Record<string, unknown>[] };
  /** The keys of its dict. */
  dict: readonly string[];
}

/** Where what is read goes: what is under test. */
export interface JobStore {
  write(records: readonly ModelRecord[], origin: 'controller' | 'accounting', now: number): Promise<void>;
  /** As the owner would, who sees that job. */
  writeDict(job: SeenJob, key: string): Promise<void>;
  current(): Promise<SeenJob[]>;
  archived(): Promise<SeenJob[]>;
}

type Reading = Parameters<JobStore['write']>;

/**
 * Reads a modelled Slurm into a store, as badly as may be: readings get lost, come late or twice. After each step it
 * looks whether what must never happen has happened.
 */
export class ModelReader {
  private readonly late: Reading[] = [];
  private readonly written = new Set<string>();
  private readonly ends = new Map<string, unknown>();
  private readonly runs = new Map<string, Set<string>>();

  constructor(
    private readonly slurm: SlurmModel,
    private readonly store: JobStore,
  ) {}

  async step(command: Command): Promise<void> {
    this.slurm.happen(command);
    if (command.do === 'write') await this.writeDict(command.which);
    else if (command.do === 'read') await this.read(command);
    else return;
    await this.check();
  }

  /** Once everything late has come too, a whole cycle: now all that Slurm has is as Slurm has it. */
  async end(): Promise<void> {
    for (const reading of this.late) await this.store.write(...reading);
    await this.check();
    await this.store.write(this.slurm.controllerRecords(), 'controller', this.slurm.now);
    await this.check();
    const onFile = new Map((await this.store.current()).map((job) => [job.slurm['job_id'], job]));
    for (const { slurm } of this.slurm.controllerRecords()) {
      const { comment, submit_time, job_state, restart_count } = slurm;
      expect(onFile.get(slurm['job_id'])?.slurm).toMatchObject({ comment, submit_time, job_state, restart_count });
    }
  }

  private async read({ from, fate, which }: Extract<Command, { do: 'read' }>): Promise<void> {
    const ids = this.slurm.ids();
    const records =
      from === 'controller'
        ? this.slurm.controllerRecords()
        : // Of every other job, as it is asked for those that have vanished.
          ids.filter((id) => (id + which) % 2 === 0).flatMap((id) => this.slurm.accountingRecords(id));
    const reading: Reading = [records, from, this.slurm.now];
    if (fate === 'late') this.late.push(reading);
    if (fate === 'now' || fate === 'twice') await this.store.write(...reading);
    if (fate === 'twice') await this.store.write(...reading);
    const overdue = which % 3 === 0 ? this.late.shift() : undefined;
    if (overdue !== undefined) await this.store.write(...overdue);
  }

  private async writeDict(which: number): Promise<void> {
    const jobs = await this.store.current();
    const job = jobs[which % Math.max(jobs.length, 1)];
    if (job === undefined) return;
    const key = `${truthOf(job)}#${this.written.size}`;
    await this.store.writeDict(job, key);
    this.written.add(key);
  }

  private async check(): Promise<void> {
    const jobs = [...(await this.store.current()), ...(await this.store.archived())];
    // No dict is ever on another job, and none is lost.
    const found = jobs.flatMap((job) => job.dict.map((key) => ({ key, on: truthOf(job) })));
    expect(found.filter(({ key, on }) => !key.startsWith(`${on}#`))).toEqual([]);
    expect(found.map(({ key }) => key).sort()).toEqual([...this.written].sort());
    for (const job of jobs) this.checkEnds(job);
    for (const [truth, ofJob] of Map.groupBy(jobs, truthOf)) this.checkRuns(truth, ofJob);
  }

  /** An end that was told once is told ever after, also of an attempt that a requeue followed. */
  private checkEnds(job: SeenJob): void {
    const truth = truthOf(job);
    const ended = job.cw.phase === 'finished' ? job.slurm['job_state'] : undefined;
    const now = [{ submit: job.slurm['submit_time'], state: ended }].concat(
      job.cw.attempts.map((attempt) => ({ submit: attempt['submit_time'], state: attempt['job_state'] })),
    );
    for (const { submit, state } of now) {
      const run = `${truth} ${String(submit)}`;
      const told = this.ends.get(run);
      if (told !== undefined) expect({ run, state }).toEqual({ run, state: told });
    }
    if (ended !== undefined) this.ends.set(`${truth} ${String(job.slurm['submit_time'])}`, ended);
  }

  /** Every attempt that was ever shown is there, once, in order. */
  private checkRuns(truth: string, jobs: readonly SeenJob[]): void {
    // Without a restart count accounting's next run is another job, whose dict is in the archive.
    if (this.slurm.offer.accountingTellsRestarts) expect({ truth, jobs: jobs.length }).toEqual({ truth, jobs: 1 });
    const shown = jobs.flatMap(runsShown).sort();
    const seen = new Set([...(this.runs.get(truth) ?? []), ...shown]);
    this.runs.set(truth, seen);
    expect({ truth, shown }).toEqual({ truth, shown: [...seen].sort() });
    expect({ truth, never: shown.filter((submit) => !this.slurm.submitTimesOf(truth).has(submit)) }).toEqual({
      truth,
      never: [],
    });
    for (const job of jobs) expect(runsShown(job)).toEqual(runsShown(job).sort());
  }
}

function runsShown({ slurm, cw }: SeenJob): string[] {
  return [...cw.attempts.map((attempt) => attempt['submit_time']), slurm['submit_time']].map(String);
}

function truthOf(job: SeenJob): string {
  return String(job.slurm['comment']);
}
