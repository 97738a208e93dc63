import type { AccountingQuestion } from './slurm-source.js';
import { isAtLeast, type SlurmVersion } from './slurm-version.js';

export const QUESTIONS = ['jobs', 'nodes', 'accounting'] as const;
export type Question = (typeof QUESTIONS)[number];

export type Format = 'json' | 'text';

/** A time before this Slurm does not take as `uts…`. */
const EARLIEST = 1_000_000;

/** A command line has an end, and so has a query in slurmdbd. */
export const MOST_JOB_IDS = 500;

/** Which command answers a question in JSON, by version. Before the first of them JSON was not complete. */
const JSON_COMMANDS: readonly {
  since: readonly [number, number];
  jobs: string[];
  nodes: string[];
  accounting: string[];
}[] = [
  {
    since: [23, 2],
    // `squeue` lists what ended within MinJobAge only when asked for all states.
    jobs: ['squeue', '--json', '--all', '--states=all'],
    // From here on `sinfo --json` lists groups of like nodes.
    nodes: ['scontrol', 'show', 'node', '--json', '--all'],
    accounting: ['sacct', '--json'],
  },
  {
    since: [22, 5],
    jobs: ['squeue', '--json', '--all', '--states=all'],
    nodes: ['sinfo', '--json', '--all'],
    accounting: ['sacct', '--json'],
  },
];

const TEXT_COMMANDS: Readonly<Record<Question, readonly string[]>> = {
  jobs: ['scontrol', 'show', 'job', '--all'],
  // Without details there is no GresUsed.
  nodes: ['scontrol', 'show', 'node', '--all', '--details'],
  accounting: ['sacct', '--parsable2'],
};

export const VERSION_COMMAND = ['squeue', '--version'] as const;
/** Prints the names of the columns that this version has. Asks no daemon. */
export const COLUMNS_COMMAND = ['sacct', '--helpformat'] as const;

/** Null where this version has no JSON for it that could be read. */
export function jsonCommand(version: SlurmVersion, question: Question): readonly string[] | null {
  return JSON_COMMANDS.find(({ since }) => isAtLeast(version, ...since))?.[question] ?? null;
}

export function textCommand(question: Question): readonly string[] {
  return TEXT_COMMANDS[question];
}

/**
 * In 22.05 `sacct --json` reads its own printed times again, and with `%s` it fails, with status 0 and `Unable to parse time format`.
 * JSON has numbers whatever this says, so that Slurm's usual form does.
 */
export const JSON_ENVIRONMENT = { SLURM_TIME_FORMAT: 'standard' };

/**
 * Text is asked for with epoch seconds, and something behind them that nobody could have written into a job's name or comment.
 * The variable is part of the command, so that it comes through a prefix such as `sudo`.
 */
export function textWords(timeSuffix: string, words: readonly string[]): string[] {
  return ['env', `SLURM_TIME_FORMAT=%s${timeSuffix}`, ...words];
}

/**
 * With ids and no times sacct looks at all times. With both times and no state it lists every job that was eligible, waiting,
 * running or suspended at any moment in between, which are those that were not over before `from`.
 */
export function accountingArguments(question: AccountingQuestion): string[] {
  const asked =
    'jobIds' in question
      ? [`--jobs=${question.jobIds.join(',')}`]
      : windowOf(question).map((time, at) => `--${at === 0 ? 'starttime' : 'endtime'}=${time}`);
  return ['--allusers', '--duplicates', '--allocations', ...asked];
}

/** Beginning and end as sacct and slurmrestd take them in every version, and in every time zone. */
export function windowOf({ from, to }: { from: number; to: number }): [string, string] {
  const start = Math.max(EARLIEST, Math.floor(from));
  return [`uts${start}`, `uts${Math.max(start + 1, Math.ceil(to))}`];
}

/** What the commands say on stderr where there is no JSON plugin, or no such option. */
const NO_JSON = /serializer|data_parser|unrecognized option '--json'|JSON plugin|application\/json/i;

export function saysNoJson(stderr: string): boolean {
  return NO_JSON.test(stderr);
}
