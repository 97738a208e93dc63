import { parseArgs } from 'node:util';

export interface HostileOptions {
  /** Fewer requests and connections, as in CI. */
  short: boolean;
  seed: number;
  /** null: all. */
  only: string | null;
  /** What jest is given besides. */
  jest: readonly string[];
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** By the name that `--only` takes. */
const PARTS = ['schemathesis', 'connections', 'slow-peers'];
const MOST_SEED = 2 ** 31 - 1;

export function helpText(): string {
  return `Usage: npm run test:hostile -- [options] [-- what jest takes]

Clients as nobody wants them, at the built service: requests made up from its OpenAPI document (schemathesis, which is fetched
from PyPI once), thousands of connections, and peers that read or send a byte now and then. Exits with 1 where the service gives
a wrong answer, takes too much, or keeps others waiting.

  --short       fewer requests and connections
  --seed N      the same requests again (default: any; printed)
  --only NAME   one of ${PARTS.join(', ')}
  --help        this text
`;
}

/**
 * @returns null where help was asked for
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): HostileOptions | null {
  const { values, positionals: jest } = parsed(args);
  const { help, short = false, seed, only = null } = values;
  if (help === true) return null;
  if (only !== null && !PARTS.includes(only)) throw new UsageError(`--only takes ${PARTS.join(', ')}, not "${only}"`);
  return { short, only, jest, seed: seed === undefined ? Math.floor(Math.random() * MOST_SEED) : seedIn(seed) };
}

function seedIn(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) > MOST_SEED) {
    throw new UsageError(`--seed takes an integer from 0 to ${MOST_SEED}, not "${text}"`);
  }
  return Number(text);
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    const options = { short: flag, seed: text, only: text, help: flag } as const;
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
