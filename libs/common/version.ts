import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The version of Clockwork that runs, as package.json has it. */
export function clockworkVersion(): string {
  const path = findPackageJSON('..', import.meta.url);
  if (path === undefined) throw new Error('Clockwork runs without its package.json');
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version;
}
