import { parseArgs } from 'node:util';

export interface BenchOptions {
  jobs: number;
  rounds: number;
  /** How long each request that is over at once is repeated. */
  seconds: number;
  /** null: all. */
  only: string[] | null;
  /** Where the pages go; null: nowhere, the table alone is printed. */
  output: string | null;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The figures that are about the documented size are taken at it, whatever `--jobs` says beyond. */
export const DOCUMENTED_JOBS = 100_000;
const FEWEST_JOBS = 1_000;

export function helpText(groups: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(groups).map(({ length }) => length));
  const lines = Object.entries(groups).map(
    ([name, description]) => `                  ${name.padEnd(width)} ${description}`,
  );
  return `Usage: npm run bench -- [options]

Measures the built service against baselines on a database of its own, which is removed at the end.

  --jobs N        jobs in the database (default ${DOCUMENTED_JOBS}); with more, figures at both sizes
  --rounds N      how often each figure is taken (default 5)
  --seconds N     how long a round of short requests lasts (default 2)
  --only NAME,…   some of the figures; then no page is written unless --output says where:
${lines.join('\n')}
  --output DIR    where performance.md, performance.json and performance.svg go (default docs)
  --help          this text
`;
}

/**
 * @param groups the names that `--only` takes
 * @returns null where help was asked for
 * @throws UsageError
 */
export function readOptions(args: readonly string[], groups: readonly string[]): BenchOptions | null {
  const { help, jobs, rounds, seconds, only, output } = parsed(args);
  if (help === true) return null;
  const chosen = only?.split(',') ?? null;
  const unknown = chosen?.find((name) => !groups.includes(name));
  if (unknown !== undefined) throw new UsageError(`--only takes ${groups.join(', ')}, not "${unknown}"`);
  return {
    jobs: atLeast('--jobs', jobs ?? String(DOCUMENTED_JOBS), FEWEST_JOBS, true),
    rounds: atLeast('--rounds', rounds ?? '5', 1, true),
    seconds: atLeast('--seconds', seconds ?? '2', 0.1, false),
    only: chosen,
    output: output ?? (chosen === null ? 'docs' : null),
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = {
    jobs: text,
    rounds: text,
    seconds: text,
    only: text,
    output: text,
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function atLeast(name: string, text: string, least: number, integer: boolean): number {
  const value = Number(text);
  if (!/^[\d.]+$/.test(text) || !(value >= least) || (integer && !Number.isInteger(value))) {
    throw new UsageError(`${name} takes ${integer ? 'an integer' : 'a number'} from ${least} on, not "${text}"`);
  }
  return value;
}
