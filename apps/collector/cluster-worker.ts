import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { ClusterConfiguration, ClusterStates } from '#libs/clusters';
import type { ClusterCycle, CycleReport } from './cluster-cycle.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { nextCycleIn } from './pace.js';

/** How often a process that has not got the lease looks for it, in parts of the time it holds for. */
const LOOKS_A_LEASE = 3;

/** `waiting`: another process reads the cluster. */
type Outcome = CycleReport | 'waiting' | 'failed';

/** Keeps on reading one cluster, while no other process does, until it is stopped. Whatever happens, it goes on. */
export class ClusterWorker {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

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
      failures = isFailure(report) ? failures + 1 : 0;
      const wait = begun + this.waitAfter(report, failures) - performance.now();
      await this.plan(report, wait);
      await sleep(Math.max(0, wait), undefined, { signal }).catch(() => undefined);
    }
    await this.lease.release().catch(() => undefined);
  }

  private waitAfter(report: Outcome, failures: number): number {
    if (report === 'waiting') return this.lease.ttlMs / LOOKS_A_LEASE;
    const askedMs = report === 'failed' ? 0 : report.askedMs;
    return nextCycleIn(this.cluster.intervalMs, { askedMs, failures }, Math.random());
  }

  private async plan(report: Outcome, waitMs: number): Promise<void> {
    if (typeof report === 'string') return;
    // It is for people to look at: where it cannot be written, the next cycle is what matters.
    await this.states.planned(this.cluster.name, Date.now() + waitMs, report.waiting).catch(() => undefined);
  }

  private async once(signal: AbortSignal): Promise<Outcome> {
    try {
      if (!this.lease.isHeld && !(await this.lease.take())) return 'waiting';
      const report = await this.cycle.run(() => {
        this.lease.check();
      }, signal);
      this.logger.debug(report, 'a cluster was read');
      return report;
    } catch (error) {
      if (!signal.aborted) this.logger.warn({ cluster: this.cluster.name, err: error }, 'a cycle was given up');
      return 'failed';
    }
  }
}

/** Accounting that fails delays accounting alone. */
function isFailure(report: Outcome): boolean {
  if (typeof report === 'string') return report === 'failed';
  return report.failures.some(({ part }) => part !== 'accounting');
}
