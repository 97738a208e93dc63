import { rename, stat } from 'node:fs/promises';

import { hasCode } from './caught-error.js';

/** Moves a log that has grown beyond a bound aside, over the one moved before. @returns whether it did */
export async function moveLongLogAside(path: string, maxBytes: number): Promise<boolean> {
  try {
    if ((await stat(path)).size <= maxBytes) return false;
    await rename(path, `${path}.1`);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
