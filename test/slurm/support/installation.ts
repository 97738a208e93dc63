import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type Release, RELEASES } from './releases.ts';
import { PROCESS_ENVIRONMENT } from './slurm-commands.ts';

const SCRIPT = join(import.meta.dirname, 'install-release.sh');
const LIMIT_MS = 15 * 60_000;

const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'clockwork-test');

/** Who submits jobs. */
const SUBMITTERS = ['alice', 'bob', 'carol'] as const;

/**
 * Sees that a release's programs are there, and who submits jobs; both are kept for the next time. Takes half a minute, or
 * two minutes for a release in a directory, when new.
 * @returns where they are: "/" is this machine
 */
export async function installed(release: Release): Promise<string> {
  await mkdir(CACHE, { recursive: true });
  const root = rootOf(release);
  const lock = join(CACHE, `slurm-${release}.lock`);
  try {
    const command = ['--exclusive', lock, SCRIPT, release, root, ...SUBMITTERS];
    await promisify(execFile)('flock', command, { timeout: LIMIT_MS, maxBuffer: 2 ** 26, env: PROCESS_ENVIRONMENT });
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    const said = `${stdout.slice(-1_000)}${stderr.slice(-2_000)}`.trim();
    throw new Error(`Slurm of Debian ${release} could not be installed:\n${said}`, { cause: error });
  }
  return root;
}

/** Where a release's programs are, or will be. */
export function rootOf(release: Release): string {
  return RELEASES[release].onThisMachine ? '/' : join(CACHE, `slurm-${release}`);
}
