import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Debian's package libfaketime; the variable is for one that lies elsewhere. */
const LIBRARY = process.env['LIBFAKETIME'] ?? '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';

/** @returns why a clock cannot be set here, in words; null: it can */
export function whyNoFalseClock(): string | null {
  return existsSync(LIBRARY) ? null : "Debian's package libfaketime is not installed, and LIBFAKETIME names none";
}

/** The time of day of the processes that have its environment; the clock that never jumps is left alone. */
export class FalseClock {
  private readonly file: string;

  constructor(private readonly directory: string) {
    this.file = join(directory, 'clock');
  }

  get environment(): NodeJS.ProcessEnv {
    return {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** @param seconds before (negative) or after the machine's time */
  async set(seconds: number): Promise<void> {
    const next = join(this.directory, 'clock.next');
    await writeFile(next, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
    await rename(next, this.file);
  }
}
