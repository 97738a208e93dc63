import { parseArgs } from 'node:util';

export interface FuzzOptions {
  /** null: all. */
  only: string[] | null;
  /** For each target. */
  seconds: number;
  seed: number;
  /** Where inputs that are findings go. */
  output: string;
  /** A file to run alone, instead of inputs that are made up. */
  input: string | null;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const SECONDS = 60;
const SHORT_SECONDS = 3;
const MOST_SECONDS = 86_400;
const OUTPUT = 'fuzz-findings';

export function helpText(targets: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(targets).map(({ length }) => length));
  const lines = Object.entries(targets).map(
    ([name, description]) => `                  ${name.padEnd(width)} ${description}`,
  );
  return `Usage: npm run test:fuzz -- [options]

Gives the readers and writers of the built service inputs that nobody would send, each chosen by what the one before it reached.
Exits with 1 where one of them crashes, hangs, takes too long or gives something wrong.

  --seconds N     for each target (default ${SECONDS})
  --short         ${SHORT_SECONDS} seconds for each target
  --seed N        the same inputs again (default: any; printed)
  --only NAME,…   some of the targets:
${lines.join('\n')}
  --output DIR    where the inputs of findings go (default ${OUTPUT})
  --input FILE    runs this input alone; with one name in --only
  --help          this text
`;
}

/**
 * @param targets the names that `--only` takes
 * @returns null where help was asked for
 * @throws UsageError
 */
export function readOptions(args: readonly string[], targets: readonly string[]): FuzzOptions | null {
  const { help, seconds, short, seed, only, output, input } = parsed(args);
  if (help === true) return null;
  if (short === true && seconds !== undefined)
    throw new UsageError('--short and --seconds are two ways to say how long');
  const chosen = only?.split(',') ?? null;
  const unknown = chosen?.find((name) => !targets.includes(name));
  if (unknown !== undefined) throw new UsageError(`--only takes ${targets.join(', ')}, not "${unknown}"`);
  if (input !== undefined && chosen?.length !== 1) throw new UsageError('--input needs one name in --only');
  return {
    only: chosen,
    seconds: within('--seconds', seconds ?? String(short === true ? SHORT_SECONDS : SECONDS), 1, MOST_SECONDS),
    seed: seed === undefined ? (Math.random() * 2 ** 32) >>> 0 : within('--seed', seed, 0, 2 ** 32 - 1),
    output: output ?? OUTPUT,
    input: input ?? null,
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    seconds: text,
    short: flag,
    seed: text,
    only: text,
    output: text,
    input: text,
    help: flag,
  } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function within(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`${name} takes an integer from ${least} to ${most}, not "${text}"`);
  }
  return value;
}
