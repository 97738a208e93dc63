import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reading, ReadingAnswer } from '../baselines/repeated-reading.ts';
import { follow, type ServingProcess, startServing, stop } from './child-process.ts';

const environment = (mongodbUri: string) => ({ ...process.env, MONGODB_URI: mongodbUri });
const program = (name: string) => fileURLToPath(new URL(`../baselines/${name}.main.ts`, import.meta.url));

/** (a) */
export function startPlainService(mongodbUri: string, directory: string): Promise<ServingProcess> {
  return startServing(program('plain-service'), environment(mongodbUri), join(directory, 'plain-service.log'));
}

/** (b) or (c): a process that reads the whole list when told. */
export class ListReader {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  static start(name: 'raw-cursor' | 'wire-floor', mongodbUri: string): ListReader {
    return new ListReader(follow(fork(program(name), { env: environment(mongodbUri), execArgv: [] })));
  }

  async read(): Promise<Reading> {
    const gone = new AbortController();
    const left = once(this.child, 'exit', { signal: gone.signal }).then(
      () => ({ error: 'the reader ended' }),
      () => ({ error: 'nobody waits any more' }),
    );
    this.child.send('read');
    const heard = once(this.child, 'message').then(([message]) => message as ReadingAnswer);
    const answer = await Promise.race([heard, left]);
    gone.abort();
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  }

  stop(): Promise<void> {
    return stop(this.child);
  }
}
