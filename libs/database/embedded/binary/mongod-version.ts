import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { hasField, lastWords } from '../caught-error.js';

const OLDEST_MAJOR = 6;
const ANSWER_TIMEOUT_MS = 20_000;

export type MongodCheck = { version: string } | { problem: string };

/** Whether a file is a MongoDB server that runs on this machine and is new enough. */
export async function checkMongod(path: string): Promise<MongodCheck> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], {
      timeout: ANSWER_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    return judgeVersion(stdout);
  } catch (error) {
    // SIGILL, for one: a processor without AVX.
    const signal = hasField(error, 'signal') && typeof error.signal === 'string' ? ` (${error.signal})` : '';
    return { problem: `does not run: ${lastWords(error)}${signal}` };
  }
}

/** @param answer what `mongod --version` prints, beginning with `db version v6.0.5` */
export function judgeVersion(answer: string): MongodCheck {
  const found = /^db version v(?<version>(?<major>\d+)\.\d+\.\d+)/m.exec(answer)?.groups;
  if (found?.['version'] === undefined) return { problem: 'does not answer --version as a MongoDB server does' };
  if (Number(found['major']) < OLDEST_MAJOR) {
    return { problem: `is MongoDB ${found['version']}, older than ${OLDEST_MAJOR}.0` };
  }
  return { version: found['version'] };
}
