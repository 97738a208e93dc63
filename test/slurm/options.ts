import { isRelease, type Release, RELEASES } from './support/releases.ts';

export interface SlurmTestOptions {
  release: Release;
  /** What jest is given besides. */
  jest: readonly string[];
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const DEFAULT_RELEASE: Release = 'bookworm';

export function helpText(): string {
  const releases = Object.entries(RELEASES).map(([name, { slurm, onThisMachine }]) => {
    const where = onThisMachine
      ? "this machine's packages"
      : 'in a directory of the cache, 715 MB, 2 min the first time';
    return `                   ${name.padEnd(9)} Slurm ${slurm}, ${where}`;
  });
  return `Usage: npm run test:slurm -- [options] [what jest takes]

Tests against a real Slurm, which is installed when it is missing and started for them. Needs root, Debian bookworm and
a Debian mirror.

  --release NAME   one of (default ${DEFAULT_RELEASE})
${releases.join('\n')}
  --help           this text
`;
}

/**
 * @returns null where help was asked for
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): SlurmTestOptions | null {
  const jest: string[] = [];
  let release: Release = DEFAULT_RELEASE;
  const left = [...args];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--help') return null;
    if (word === '--release') release = checkedRelease(left.shift() ?? '');
    else if (word.startsWith('--release=')) release = checkedRelease(word.slice('--release='.length));
    else jest.push(word);
  }
  return { release, jest };
}

function checkedRelease(name: string): Release {
  if (isRelease(name)) return name;
  throw new UsageError(`--release takes ${Object.keys(RELEASES).join(', ')}, not "${name}"`);
}
