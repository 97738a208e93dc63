import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const FETCH_PREFIX = 'fetching-';
/** Far beyond what a fetch may take: the process that made it is gone. */
const ABANDONED_MS = 24 * 3_600_000;

/** https://specifications.freedesktop.org/basedir-spec: a relative XDG_CACHE_HOME is invalid and ignored. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment['XDG_CACHE_HOME'];
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'clockwork');
}

/**
 * What a build that is made for one system is for. In a cluster the home directory, and with it the cache, is shared by
 * machines of different kinds, which must not take each other's builds.
 */
export async function systemName(): Promise<string> {
  return [process.platform, process.arch, await distribution()].join('-').replace(/[^\w.-]/g, '');
}

async function distribution(): Promise<string> {
  try {
    const fields = await readFile('/etc/os-release', 'utf8');
    const value = (key: string): string => new RegExp(`^${key}="?([^"\\n]*)`, 'm').exec(fields)?.[1] ?? '';
    return `${value('ID')}${value('VERSION_ID')}`;
  } catch {
    return 'any';
  }
}

/** Runs a fetch in a directory of its own inside the cache, so that what comes of it can be renamed into place. */
export async function inFetchDirectory<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const cache = cacheDirectory();
  await mkdir(cache, { recursive: true, mode: 0o700 });
  await removeAbandoned(cache);
  const directory = await mkdtemp(join(cache, FETCH_PREFIX));
  // Also when the process is told to end meanwhile.
  const removeNow = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', removeNow);
  try {
    return await run(directory);
  } finally {
    process.off('exit', removeNow);
    await rm(directory, { recursive: true, force: true });
  }
}

/** Puts a fetched file in place at once: of two processes that fetch the same, either wins and neither sees half a file. */
export async function putInCache(fetched: string, name: string): Promise<string> {
  const place = join(cacheDirectory(), name);
  await rename(fetched, place);
  return place;
}

async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(FETCH_PREFIX)) continue;
    const path = join(cache, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
