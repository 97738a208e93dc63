import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The version of Clockwork that runs. */
export const PROGRAM_VERSION = version();

function version(): string {
  const path = findPackageJSON('..', import.meta.url);
  const content: unknown = path === undefined ? {} : JSON.parse(readFileSync(path, 'utf8'));
  return typeof content === 'object' && content !== null && 'version' in content ? String(content.version) : 'unknown';
}
