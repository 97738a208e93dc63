import { CLI } from './clockwork-service.js';
import { watchProcess, type WatchedProcess } from './process-output.js';

/** What Ctrl-C sends to a terminal. */
export const CTRL_C = '\u0003';

/**
 * Runs the command line on a terminal of its own, as a person does; what it prints there is its stdout here, line ends
 * being CR LF. Input goes to the terminal's keyboard.
 */
export function onTerminal(environment: NodeJS.ProcessEnv, args: readonly string[]): WatchedProcess {
  const command = [process.execPath, CLI, ...args].map(quoted).join(' ');
  // util-linux's script(1) makes the terminal: a shell's pipe is none.
  return watchProcess('script', ['-qec', `exec ${command}`, '/dev/null'], { env: environment, stdio: 'pipe' });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
