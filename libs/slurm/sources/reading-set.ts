import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, opendir } from 'node:fs/promises';
import { join } from 'node:path';

import { SourceError } from './slurm-source.js';

/** The last file that is written of a set: lines as `sha256sum` prints them. */
const MANIFEST = 'complete';
const MANIFEST_BYTES = 65_536;

/** Names that are looked at; a directory with more is not cleaned up. */
const MOST_NAMES = 10_000;
/** Complete sets that are looked at for a file: the others are older. */
const MOST_SETS = 100;

/** A clock may go wrong over there: what claims to be later than this is no reading. */
const AHEAD_MS = 600_000;

export type SetFileKind = 'jobs' | 'nodes' | 'sacct';

/** One file of a complete set. */
export interface SetFile {
  path: string;
  sha256: string;
  /** By the name of its set, milliseconds since 1970. */
  observedAt: number;
}

/**
 * The file of that kind (`jobs.json`, `jobs.txt`: the ending is free) in the newest complete set that has one; null where there is
 * none. Kinds may be filled at different paces.
 */
export async function newestFile(directory: string, kind: SetFileKind): Promise<SetFile | null> {
  for (const set of (await setNames(directory)).slice(0, MOST_SETS)) {
    const manifest = await readManifest(join(directory, set));
    const found = manifest?.find(({ name }) => name === kind || name.startsWith(`${kind}.`));
    if (found !== undefined) {
      return { path: join(directory, set, found.name), sha256: found.sha256, observedAt: Number(set) * 1_000 };
    }
  }
  return null;
}

/** The directories that are named for epoch seconds, newest first. */
async function setNames(directory: string): Promise<string[]> {
  const names: string[] = [];
  let seen = 0;
  for await (const entry of await opendir(directory)) {
    seen += 1;
    if (seen > MOST_NAMES) {
      const message = `${directory} has more than ${MOST_NAMES} entries; let the script that fills it remove the old ones.`;
      throw new SourceError('unreadable', message);
    }
    const isSet = entry.isDirectory() && /^\d{9,11}$/.test(entry.name);
    if (isSet && Number(entry.name) * 1_000 <= Date.now() + AHEAD_MS) names.push(entry.name);
  }
  return names.sort((a, b) => Number(b) - Number(a));
}

/** Null where the set is not complete, or just being removed. */
async function readManifest(set: string): Promise<{ name: string; sha256: string }[] | null> {
  let file: FileHandle;
  try {
    file = await openFile(join(set, MANIFEST));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const buffer = Buffer.alloc(MANIFEST_BYTES);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    // A line that is cut off has no such form, or no file of that name.
    return lines.flatMap((line) => {
      const [, sha256, name] = /^([0-9a-f]{64}) [ *](?:\.\/)?([\w.-]+)$/.exec(line) ?? [];
      return sha256 === undefined || name === undefined ? [] : [{ name, sha256 }];
    });
  } finally {
    await file.close();
  }
}

/** A file and nothing else: a pipe would block, and a link may lead anywhere. */
async function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/**
 * Opens a file of a set and makes sure that it is what the manifest says before anything of it is used.
 * @throws SourceError of kind `unreadable` where it is not
 */
export async function openVerified(
  { path, sha256 }: SetFile,
  limitBytes: number,
  signal: AbortSignal,
): Promise<FileHandle> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    if (size > limitBytes) {
      const message = `${path} has ${size} bytes, more than ${limitBytes}. If the cluster is so large, raise the output limit of its source.`;
      throw new SourceError('too_large', message);
    }
    const hash = createHash('sha256');
    for await (const chunk of file.createReadStream({ autoClose: false, start: 0, signal }))
      hash.update(chunk as Buffer);
    if (hash.digest('hex') !== sha256) throw changed(path);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

export function changed(path: string): SourceError {
  const message =
    `${path} is not what the file \`${MANIFEST}\` beside it says: it was written to after that, or not copied whole. ` +
    `Write \`${MANIFEST}\` last, and every reading into a new directory.`;
  return new SourceError('unreadable', message);
}
