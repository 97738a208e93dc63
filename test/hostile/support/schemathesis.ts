import { execFile } from 'node:child_process';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const VERSION = '4.32.5';
const CACHE = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'clockwork-test');
const DIRECTORY = join(CACHE, `schemathesis-${VERSION}`);
/** There once all of it is. */
const WHOLE = join(DIRECTORY, 'whole');
const INSTALL_MS = 5 * 60_000;

/** The program, fetched from PyPI the first time; else why it cannot be had. */
export async function schemathesis(): Promise<{ program: string } | { missing: string }> {
  const program = join(DIRECTORY, 'bin', 'schemathesis');
  try {
    await access(WHOLE);
    return { program };
  } catch {
    return install(program);
  }
}

async function install(program: string): Promise<{ program: string } | { missing: string }> {
  try {
    await rm(DIRECTORY, { recursive: true, force: true });
    await mkdir(CACHE, { recursive: true });
    await run('python3', ['-m', 'venv', DIRECTORY], { timeout: INSTALL_MS });
    const pip = join(DIRECTORY, 'bin', 'pip');
    await run(pip, ['install', '--quiet', `schemathesis==${VERSION}`], { timeout: INSTALL_MS });
    await writeFile(WHOLE, '');
    return { program };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { missing: `schemathesis ${VERSION} cannot be had from PyPI: ${reason.trim()}` };
  }
}
