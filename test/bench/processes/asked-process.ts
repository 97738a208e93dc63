import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { follow, stop } from './child-process.ts';
import type { AnswerOnDemand } from './on-demand.ts';

/** The other side of a process of ours that works on demand. */
export class AskedProcess<T> {
  private readonly child: ChildProcess;

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv, nodeOptions: readonly string[] = []) {
    this.child = follow(fork(file, [...args], { env, execArgv: [...nodeOptions] }));
  }

  get pid(): number {
    return Number(this.child.pid);
  }

  /** @throws where it fails, or has ended */
  async ask(question: string): Promise<T> {
    const gone = new AbortController();
    const left = once(this.child, 'exit', { signal: gone.signal }).then(
      () => ({ error: 'the process that was asked has ended' }),
      () => ({ error: 'nobody waits any more' }),
    );
    this.child.send(question);
    const heard = once(this.child, 'message').then(([message]) => message as AnswerOnDemand<T>);
    const answer = await Promise.race([heard, left]);
    gone.abort();
    if ('error' in answer) throw new Error(answer.error);
    return answer.result;
  }

  stop(): Promise<void> {
    return stop(this.child);
  }
}
