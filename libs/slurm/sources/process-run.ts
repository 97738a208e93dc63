import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { AnswerClock } from './answer-clock.js';
import { endProcessGroup } from './process-group.js';
import type { SourceLimits } from './source-configuration.js';
import { TextTail } from './text-tail.js';

const STDERR_BYTES = 4_096;
/** After the process itself has ended; something that it left behind may hold its stderr open. */
const STDERR_PATIENCE_MS = 200;
/** For a killed process that the kernel does not let go, on top of what its group is given. */
const EXIT_PATIENCE_MS = 4_000;

export interface ProcessRun {
  /** The program and its arguments: no shell reads them. */
  argv: readonly string[];
  environment: NodeJS.ProcessEnv;
  limits: SourceLimits;
  signal: AbortSignal;
  /** What it prints, piece by piece; the next piece is read when this has settled. */
  consume: (chunk: Uint8Array) => void | Promise<void>;
}

export interface ProcessEnd {
  /** `itself`, or why it was ended; `start` where it never ran. */
  cause: 'itself' | 'start' | 'time limit' | 'output limit' | 'aborted' | 'consumer';
  /** What was thrown, where something was. */
  error: unknown;
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Its end, for a message. */
  stderr: string;
  bytes: number;
  /** Without the time that `consume` took. */
  milliseconds: number;
}

/**
 * Runs a program in a process group of its own, with nothing to read, and hands on what it prints. Never rejects: how it went is
 * what it returns. Ended before its own end, the whole group is ended.
 */
export async function runProcess(run: ProcessRun): Promise<ProcessEnd> {
  let child: ChildProcessByStdio<null, Readable, Readable>;
  const nothing = { code: null, signal: null, stderr: '', bytes: 0, milliseconds: 0 };
  if (run.signal.aborted) return { ...nothing, cause: 'aborted', error: run.signal.reason };
  try {
    const [program = '', ...args] = run.argv;
    child = spawn(program, args, { detached: true, env: run.environment, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return { ...nothing, cause: 'start', error };
  }
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ ...nothing, cause: 'start', error });
    });
    child.once('spawn', () => {
      void follow(child, child.pid ?? 0, run).then(resolve);
    });
  });
}

async function follow(
  child: ChildProcessByStdio<null, Readable, Readable>,
  pid: number,
  { limits, signal, consume }: ProcessRun,
): Promise<ProcessEnd> {
  const exit = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, killedBy) => {
      resolve({ code, signal: killedBy });
    });
  });
  const stderr = new TextTail(STDERR_BYTES);
  child.stderr.on('data', (chunk: Buffer) => {
    stderr.add(chunk);
  });
  const stderrEnd = new Promise<void>((resolve) => {
    child.stderr.once('close', resolve);
  });

  const why: { cause: ProcessEnd['cause']; error: unknown; groupEnd: Promise<void> | null } = {
    cause: 'itself',
    error: undefined,
    groupEnd: null,
  };
  let stopped: (end: null) => void;
  const stop = new Promise<null>((resolve) => (stopped = resolve));
  const end = (cause: ProcessEnd['cause'], error?: unknown): void => {
    if (why.groupEnd !== null) return;
    Object.assign(why, { cause, error, groupEnd: endProcessGroup(pid) });
    child.stdout.destroy();
    stopped(null);
  };

  const aborted = (): void => {
    end('aborted', signal.reason);
  };
  signal.addEventListener('abort', aborted, { once: true });
  const clock = new AnswerClock(limits.timeLimitMs, () => {
    end('time limit');
  });

  let bytes = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.outputLimitBytes) end('output limit');
      if (why.groupEnd !== null) break;
      await clock.without(() => consume(chunk));
    }
  } catch (thrown) {
    // Of a stream that was destroyed because the process was ended, nothing is to be said.
    end('consumer', thrown);
  }

  // It may close its output and go on: that is still within its time limit.
  let exited = await Promise.race([exit, stop]);
  clock.stop();
  signal.removeEventListener('abort', aborted);
  if (why.groupEnd !== null) {
    await why.groupEnd;
    exited ??= await within(exit, EXIT_PATIENCE_MS);
  }
  await within(stderrEnd, STDERR_PATIENCE_MS);
  child.stderr.destroy();
  child.unref();
  return {
    cause: why.cause,
    error: why.error,
    code: exited?.code ?? null,
    signal: exited?.signal ?? null,
    stderr: stderr.text(),
    bytes,
    milliseconds: clock.milliseconds,
  };
}

async function within<T>(promise: Promise<T>, patienceMs: number): Promise<T | null> {
  const enough = new AbortController();
  try {
    return await Promise.race([promise, sleep(patienceMs, null, { signal: enough.signal }).catch(() => null)]);
  } finally {
    enough.abort();
  }
}
