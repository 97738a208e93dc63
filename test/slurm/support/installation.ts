import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type Release, RELEASES } from './releases.ts';

const SCRIPT = join(import.meta.dirname, 'install-release.sh');
const LIMIT_MS = 15 * 60_000;

/** Who submits jobs. */
export const SUBMITTERS = ['alice', 'bob', 'carol'] as const;

/** Where a release's programs are: "/" is this machine. */
export interface Installation {
  root: string;
}

/** Slurm's programs of a release; kept for the next time. Takes 30 s, or 2 min for a release in a directory, when new. */
export async function installed(release: Release): Promise<Installation> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'clockwork-test');
  await mkdir(cache, { recursive: true });
  const root = RELEASES[release].onThisMachine ? '/' : join(cache, `slurm-${release}`);
  const lock = join(cache, `slurm-${release}.lock`);
  try {
    const command = ['--exclusive', lock, SCRIPT, release, root, ...SUBMITTERS];
    await promisify(execFile)('flock', command, { timeout: LIMIT_MS, maxBuffer: 2 ** 26 });
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    const said = `${stdout.slice(-1_000)}${stderr.slice(-2_000)}`.trim();
    throw new Error(`Slurm of Debian ${release} could not be installed:\n${said}`, { cause: error });
  }
  return { root };
}
