import { spawnSync } from 'node:child_process';

/** Whether a program is on the PATH. @param args of a call that does nothing, such as `--version` */
export function isInstalled(program: string, ...args: string[]): boolean {
  return spawnSync(program, args).error === undefined;
}
