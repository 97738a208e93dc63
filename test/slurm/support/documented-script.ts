import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { SlurmCluster } from './slurm-cluster.ts';

const PAGE = join(import.meta.dirname, '../../../docs/clusters.md');
const DOCUMENTED_DIRECTORY = '/srv/clockwork/secret';
/** What the page says of it. */
const SINCE_23_02 = 'scontrol show node --json --all';
const IN_22_05 = 'sinfo --json --all';
const COMMANDS = ['squeue', 'sinfo', 'scontrol', 'sacct'];

/** The job for cron by which a cluster that lets nobody in fills a directory, as docs/clusters.md has it. */
export class DocumentedScript {
  /** That it fills. */
  readonly directory: string;
  readonly #home: string;

  private constructor(home: string) {
    this.#home = home;
    this.directory = join(home, 'readings');
  }

  static async of(slurm: SlurmCluster): Promise<DocumentedScript> {
    const script = new DocumentedScript(await mkdtemp(join(tmpdir(), 'clockwork-cron-')));
    const bin = join(script.#home, 'bin');
    await Promise.all([mkdir(script.directory), mkdir(bin)]);
    const variables = Object.entries(slurm.environment).map(([name, value]) => `${name}=${value}`);
    for (const command of COMMANDS) {
      const words = [...slurm.prefix, 'env', ...variables, command];
      // With the PATH as it was before: else it would find itself.
      await writeProgram(join(bin, command), `PATH=$BEFORE exec ${words.join(' ')} "$@"`);
    }
    // It asks accounting every ten minutes.
    await writeProgram(join(bin, 'date'), 'case $1 in +%M) echo 10 ;; *) exec /bin/date "$@" ;; esac');
    const [, documented] = /```sh\n(#!\/bin\/sh\n[^`]*)```/.exec(await readFile(PAGE, 'utf8')) ?? [];
    if (documented?.includes(SINCE_23_02) !== true) throw new Error(`${PAGE} has no such script`);
    const text = documented.replace(DOCUMENTED_DIRECTORY, script.directory);
    const old = slurm.release === 'bookworm';
    await writeProgram(join(script.#home, 'script'), old ? text.replace(SINCE_23_02, IN_22_05) : text);
    return script;
  }

  async run(): Promise<void> {
    const before = process.env['PATH'] ?? '';
    const environment = { ...process.env, BEFORE: before, PATH: `${join(this.#home, 'bin')}:${before}` };
    await promisify(execFile)(join(this.#home, 'script'), { env: environment });
  }

  async remove(): Promise<void> {
    await rm(this.#home, { recursive: true, force: true });
  }
}

async function writeProgram(path: string, text: string): Promise<void> {
  await writeFile(path, text.startsWith('#!') ? text : `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
}
