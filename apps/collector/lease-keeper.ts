import type { ClusterLeases, LeaseAnswer } from '#libs/clusters';

/** Another process reads this cluster now. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Of the time that it holds for: how often it is renewed, and how often others look whether it is free. */
const RENEWALS = 3;

/**
 * Keeps the lease of one cluster, renewed on its own while a cycle takes long. What is written under it is written while
 * it holds by both of this process's clocks: the one that never jumps stands still while the machine sleeps.
 */
export class LeaseKeeper {
  private heldUntil = 0;
  /** The same by `Date.now()`. */
  private heldUntilDate = 0;
  /** Who had it when it was last asked for. */
  otherHolder: string | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly leases: ClusterLeases,
    private readonly cluster: string,
    private readonly holder: string,
    /** How long the others wait when this process is gone. */
    readonly ttlMs: number,
  ) {}

  /** How long to wait before looking again whether it can be had. */
  get lookAgainMs(): number {
    return this.ttlMs / RENEWALS;
  }

  /** @returns whether this process has it */
  async take(): Promise<boolean> {
    const asked = Date.now();
    const lease = await this.leases.take(this.cluster, this.holder, this.ttlMs);
    this.note(lease, asked);
    this.otherHolder = lease.held ? null : (lease.by?.holder ?? null);
    if (lease.held) this.renewSoon();
    return lease.held;
  }

  get isHeld(): boolean {
    return performance.now() < this.heldUntil && Date.now() < this.heldUntilDate;
  }

  /** @throws LeaseLost */
  check(): void {
    if (!this.isHeld) throw new LeaseLost(`the cluster ${this.cluster} may have been taken over by another process`);
  }

  async release(): Promise<void> {
    clearTimeout(this.timer);
    const held = this.isHeld;
    this.heldUntil = 0;
    if (held) await this.leases.release(this.cluster, this.holder);
  }

  private renewSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.renew().catch(() => {
        // The database may be back before it runs out.
        if (this.isHeld) this.renewSoon();
      });
    }, this.ttlMs / RENEWALS);
    this.timer.unref();
  }

  private async renew(): Promise<void> {
    const asked = Date.now();
    const lease = await this.leases.renew(this.cluster, this.holder, this.ttlMs);
    // It was given back meanwhile.
    if (this.heldUntil === 0) return;
    this.note(lease, asked);
    if (lease.held) this.renewSoon();
  }

  private note(lease: LeaseAnswer, asked: number): void {
    this.heldUntil = lease.held ? lease.heldUntil : 0;
    this.heldUntilDate = asked + this.ttlMs;
  }
}
