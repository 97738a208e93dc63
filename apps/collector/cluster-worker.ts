import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ClusterConfiguration, ClusterStates } from '#libs/clusters';
import { traced } from '#libs/tracing';
import type { ClusterCycle, CycleReport } from './cluster-cycle.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { nextCycleIn } from './pace.js';

/** `waiting`: another process reads the cluster, or may; without the lease nothing is asked. */
type Outcome = CycleReport | 'waiting';

/** Keeps on reading one cluster, while no other process does, until it is stopped. Whatever happens, it goes on. */
export class ClusterWorker {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  /** How long Slurm took over the last answers that were kept. */
  private askedMs = 0;
  /** What last kept a cycle from being run to its end. */
  private trouble: string | null = null;

  constructor(
    private readonly cluster: ClusterConfiguration,
    private readonly cycle: ClusterCycle,
    private readonly lease: LeaseKeeper,
    private readonly states: ClusterStates,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let failures = 0;
    while (!signal.aborted) {
      const begun = performance.now();
      const report = await this.once(signal);
      if (report !== 'waiting') failures = hasSlurmFailed(report) ? failures + 1 : 0;
      const wait = begun + this.waitAfter(report, failures) - performance.now();
      await this.plan(report, wait);
      await sleep(Math.max(0, wait), undefined, { signal }).catch(() => undefined);
    }
    // Where it cannot be given back, it expires.
    await this.lease.release().catch(() => undefined);
  }

  private waitAfter(report: Outcome, failures: number): number {
    if (report === 'waiting') return this.lease.lookAgainMs;
    // Where what was told could not be kept, how long Slurm took is not known.
    const isKnown = report.failures.every(({ kind }) => kind !== 'database');
    this.askedMs = isKnown ? report.askedMs : Math.max(this.askedMs, report.askedMs);
    return nextCycleIn(this.cluster.intervalMs, { askedMs: this.askedMs, failures }, Math.random());
  }

  private async plan(report: Outcome, waitMs: number): Promise<void> {
    if (report === 'waiting') return;
    // It is for people to look at: where it cannot be written, the next cycle is what matters.
    await this.states.planned(this.cluster.name, Date.now() + waitMs, report.waiting).catch(() => undefined);
  }

  private async once(signal: AbortSignal): Promise<Outcome> {
    try {
      if (!this.lease.isHeld) {
        if (!(await this.lease.take())) return 'waiting';
        this.cycle.begin();
      }
      const report = await traced('cycle', { 'clockwork.cluster': this.cluster.name }, async (span) => {
        const made = await this.cycle.run(() => {
          this.lease.check();
        }, signal);
        span?.set({ 'clockwork.failures': made.failures.length });
        return made;
      });
      this.trouble = null;
      this.logger.debug(report, 'a cluster was read');
      return report;
    } catch (error) {
      if (!signal.aborted) this.tell(error);
      return 'waiting';
    }
  }

  /** The same again is not told: without a database it comes every few seconds. */
  private tell(error: unknown): void {
    const trouble = error instanceof Error ? error.name : String(error);
    if (trouble === this.trouble) return;
    this.trouble = trouble;
    this.logger.warn({ cluster: this.cluster.name, err: error }, 'a cycle was given up');
  }
}

/** Accounting that fails delays accounting alone, and a database that does is asked for the lease before Slurm is for anything. */
function hasSlurmFailed({ failures }: CycleReport): boolean {
  return failures.some(({ part, kind }) => part !== 'accounting' && kind !== 'database');
}
