import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** For a shell: a file of `fixtures/`. */
export function fixturePath(file: string): string {
  return fileURLToPath(new URL(`../../fixtures/${file}`, import.meta.url));
}

/** Programs named like Slurm's, of a few lines of shell each, in a directory of their own; each notes how it was called. */
export class FakeCommands {
  private constructor(readonly directory: string) {}

  static async create(): Promise<FakeCommands> {
    return new FakeCommands(await mkdtemp(join(tmpdir(), 'clockwork-fake-')));
  }

  /** What finds these before all others, in front of a command. */
  get prefix(): string[] {
    return ['env', `PATH=${this.directory}:/usr/bin:/bin`];
  }

  /** @param script `sh`; $* has the arguments */
  async write(name: string, script: string): Promise<void> {
    const path = join(this.directory, name);
    await writeFile(path, `#!/bin/sh\necho "${name} $* [$SLURM_TIME_FORMAT]" >>${this.directory}/calls\n${script}\n`);
    await chmod(path, 0o755);
  }

  /** Since the last time. */
  async calls(): Promise<string[]> {
    const path = join(this.directory, 'calls');
    const text = await readFile(path, 'utf8').catch(() => '');
    await rm(path, { force: true });
    return text.trim().split('\n');
  }

  /** What one of them wrote into this directory. */
  text(file: string): Promise<string> {
    return readFile(join(this.directory, file), 'utf8');
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
