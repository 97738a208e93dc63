import { execFile } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const PIECE = Buffer.alloc(64 * 1024, 'x');
const AGAIN_MS = 100;

/** @returns why there can be none here, in words; null: there can */
export async function whyNoSmallDisk(scratch: string): Promise<string | null> {
  if (process.platform !== 'linux') return 'a tmpfs needs Linux';
  if (process.getuid?.() !== 0) return 'mounting a tmpfs needs root';
  try {
    const tried = await SmallDisk.mount(join(scratch, 'tried'), 1);
    await tried.unmount();
    return null;
  } catch (error) {
    // A container's root may not mount.
    return `a tmpfs cannot be mounted: ${String(error).replaceAll(/\s+/g, ' ').trim()}`;
  }
}

/** A file system of its own that can be filled. */
export class SmallDisk {
  private filling: Promise<void> | null = null;
  private isToBeFull = false;

  private constructor(readonly directory: string) {}

  static async mount(directory: string, mebibytes: number): Promise<SmallDisk> {
    await mkdir(directory);
    await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0755`, 'tmpfs', directory]);
    return new SmallDisk(directory);
  }

  /** Full from when this resolves on, whatever others remove. */
  async fill(): Promise<void> {
    this.isToBeFull = true;
    await this.top();
    this.filling = (async () => {
      while (this.isToBeFull) {
        await sleep(AGAIN_MS);
        await this.top();
      }
    })();
  }

  async free(): Promise<void> {
    this.isToBeFull = false;
    await this.filling;
    await rm(join(this.directory, 'filler'), { force: true });
  }

  async unmount(): Promise<void> {
    await this.free();
    await promisify(execFile)('umount', [this.directory]);
  }

  private async top(): Promise<void> {
    await using filler = await open(join(this.directory, 'filler'), 'a');
    try {
      // A disk has an end.
      for (;;) await filler.write(PIECE);
    } catch (error) {
      // Node's own errors are of another realm than jest's.
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
  }
}
