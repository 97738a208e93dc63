import { ObjectId } from 'mongodb';

/** Where others see which windows are open. */
export interface WindowRecord {
  /** Before the first write of a window. */
  open(window: string): Promise<void>;
  /** While writes go on: whose window shows no sign of life is taken for dead. */
  renew(window: string): Promise<void>;
  /** After the last write of a window. */
  close(window: string): Promise<void>;
}

/** Well below the time after which others take a window for that of a dead process. */
const RENEWAL_MS = 5_000;

/**
 * Encloses writes in an opening and a closing that others see. Writes that come while it is open share it, so that a
 * thousand at once cost one opening and one closing.
 */
export class WriteWindow {
  private inside = 0;
  private id = '';
  private inDoubt = false;
  private opening: Promise<void> | null = null;
  private closing: Promise<void> | null = null;
  private renewed = 0;

  /** @param isInDoubt whether a write that failed so may still take effect, or have taken it */
  constructor(
    private readonly record: WindowRecord,
    private readonly isInDoubt: (error: unknown) => boolean,
  ) {}

  /** How many share it now. */
  get writes(): number {
    return this.inside;
  }

  /** The window is open before the write begins; the last write out has closed it when this returns. */
  async around<T>(write: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await write();
    } catch (error) {
      this.inDoubt ||= this.isInDoubt(error);
      throw error;
    } finally {
      await this.leave();
    }
  }

  private async enter(): Promise<void> {
    while (this.closing !== null) await this.closing;
    this.inside += 1;
    try {
      if (this.opening === null) {
        this.id = new ObjectId().toHexString();
        this.inDoubt = false;
        this.renewed = performance.now();
        this.opening = this.record.open(this.id);
      } else if (performance.now() - this.renewed > RENEWAL_MS) {
        this.renewed = performance.now();
        await this.record.renew(this.id);
      }
      await this.opening;
    } catch (error) {
      this.inDoubt = true;
      await this.leave();
      throw error;
    }
  }

  private async leave(): Promise<void> {
    this.inside -= 1;
    if (this.inside > 0) return;
    this.opening = null;
    // A window in doubt stays open until others find it dead: by then nothing of it can take effect any more.
    if (this.inDoubt) return;
    this.closing = this.record.close(this.id).catch(() => undefined); // the same: what was written is written
    await this.closing;
    this.closing = null;
  }
}
