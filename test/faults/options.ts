import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

export const SCENARIOS = {
  kills: 'kill -9 of mongod, its keeper, the API and the collector at random moments',
  hang: 'a mongod that hangs (SIGSTOP), and an API that is ended meanwhile',
  disk: 'a full disk under the embedded database (needs root, for a tmpfs)',
  'replica-set': 'three members: step-down, kill -9 of the primary, a partition',
  clock: "the API's clock jumps (needs Debian's libfaketime)",
} as const;

export type ScenarioName = keyof typeof SCENARIOS;

export interface CampaignOptions {
  only: readonly ScenarioName[];
  kills: number;
  /** All random moments and choices come from it. */
  seed: number;
  short: boolean;
  /** Where faults.md goes; null: nowhere. */
  output: string | null;
  /** What jest is given besides. */
  jest: readonly string[];
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const DEFAULT_KILLS = 50;
const SHORT_KILLS = 4;
const LARGEST = 2 ** 31 - 1;

export function helpText(): string {
  const lines = Object.entries(SCENARIOS).map(([name, what]) => `                 ${name.padEnd(11)}  ${what}`);
  return `Usage: npm run test:faults -- [options] [-- what jest takes]

Breaks what Clockwork runs on, on databases and directories of its own, while clients write and read, and holds every
answer against what was acknowledged before. Linux alone. Exit 1 where a promise was not kept.

  --kills N      how often something is killed (default ${DEFAULT_KILLS}; ${SHORT_KILLS} with --short)
  --seed N       repeats the random moments of a run, which are drawn from the number that it printed
  --short        fewer and shorter faults, for a continuous integration: about 3 minutes. What is promised of times may take
                 longer there; nothing else is let pass
  --only NAME,…  some of the scenarios:
${lines.join('\n')}
  --output DIR   where the page faults.md goes (docs/faults.md is made by --output docs)
  --help         this text
`;
}

/**
 * @returns null where help was asked for
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): CampaignOptions | null {
  const { values, positionals } = parsed(args);
  if (values.help === true) return null;
  const short = values.short ?? false;
  return {
    only: values.only === undefined ? scenarioNames() : values.only.split(',').map(scenarioName),
    kills: count('--kills', values.kills, short ? SHORT_KILLS : DEFAULT_KILLS),
    seed: count('--seed', values.seed, randomInt(1, LARGEST)),
    short,
    output: values.output ?? null,
    jest: positionals,
  };
}

function scenarioNames(): ScenarioName[] {
  return Object.keys(SCENARIOS) as ScenarioName[];
}

function scenarioName(text: string): ScenarioName {
  const name = scenarioNames().find((one) => one === text);
  if (name === undefined) throw new UsageError(`--only takes ${scenarioNames().join(', ')}, not "${text}"`);
  return name;
}

function count(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > LARGEST) {
    throw new UsageError(`${option} takes an integer from 1 to ${LARGEST}, not "${text}"`);
  }
  return value;
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { only: text, kills: text, seed: text, output: text, short: flag, help: flag } as const;
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
