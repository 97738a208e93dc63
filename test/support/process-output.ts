import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';

/** A process under test with what it has printed so far. */
export interface WatchedProcess {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves with the first match of a pattern in stdout; rejects when the process ends or 60 s pass before it. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const PATIENCE_MS = 60_000;

export function watchProcess(command: string, args: readonly string[], options: SpawnOptions): WatchedProcess {
  const child = spawn(command, args, {
    ...options,
    stdio: [options.stdio === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  const printed = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const fail = (why: string) => {
        clearTimeout(timer);
        reject(new Error(`${why} before printing ${String(pattern)}\nstdout: ${stdout}\nstderr: ${stderr}`));
      };
      const timer = setTimeout(() => {
        fail(`${PATIENCE_MS / 1000} s passed`);
      }, PATIENCE_MS);
      const look = () => {
        const match = pattern.exec(stdout);
        if (match === null) return;
        clearTimeout(timer);
        child.stdout?.off('data', look);
        resolve(match);
      };
      child.stdout?.on('data', look);
      void ended.then(() => {
        look();
        fail('the process ended');
      });
      look();
    });
  return { child, stdout: () => stdout, stderr: () => stderr, printed, ended };
}
