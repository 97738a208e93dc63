import { instantOf } from './iso-time.js';
import type { JobValues } from './job-values.js';
import type { NodeValues } from './read-node.js';
import { tresText } from './tres-text.js';
import { WrongShape } from './wrong-shape.js';

/** What the text commands write where there is nothing. */
const NOTHING = new Set(['', '(null)', 'N/A', 'n/a']);
const NO_TIME = new Set([...NOTHING, 'Unknown', 'None', '0']);
const NO_LIMIT = new Set([...NOTHING, 'UNLIMITED', 'INFINITE', 'Partition_Limit', 'NOT_SET']);
/** The last second of the year 9999. */
const LAST_TIME = 253_402_300_799;
const MULTIPLES: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** As `scontrol show job` and `sacct -P` write the values of a job; local times are those of the zone, with the suffix or without. */
export function jobTextValues(timeZone: string, timeSuffix = ''): JobValues {
  return {
    id: (value) => {
      const number = integer(value);
      return number === null || number === 0 ? null : String(number);
    },
    integer,
    digits,
    time: (value) => time(withoutSuffix(value, timeSuffix), timeZone),
    limit,
    word,
    freeText,
    states: (value) => {
      const text = word(value);
      return text === null ? [] : [text];
    },
    reason,
    exitCode,
    tres: (value) => tresText(word(value)),
  };
}

/** As `scontrol show node` writes the values of a node. */
export const NODE_TEXT_VALUES: NodeValues = {
  integer,
  word,
  words: (value) => word(value)?.split(/[,+]/) ?? [],
  freeText,
  reason: freeText,
  tres: (value) => tresText(word(value)),
};

function withoutSuffix(value: unknown, suffix: string): string {
  const printed = text(value);
  return printed.endsWith(suffix) ? printed.slice(0, printed.length - suffix.length) : printed;
}

function text(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') throw WrongShape.expected('a text', value);
  return value;
}

function word(value: unknown): string | null {
  const printed = text(value).trim();
  return NOTHING.has(printed) ? null : printed;
}

function freeText(value: unknown): string | null {
  const printed = text(value);
  return printed === '' ? null : printed;
}

function digits(value: unknown): string | null {
  const printed = word(value);
  if (printed === null || printed === '0') return null;
  if (!/^\d{1,20}$/.test(printed)) throw new WrongShape(`is ${quote(printed)}, not digits`);
  return printed;
}

/** Slurm shortens some counts (`2K`), and writes some as a range (`2-4` nodes), of which the first is the least. */
function integer(value: unknown): number | null {
  const printed = word(value);
  if (printed === null) return null;
  const [, number = '', unit = ''] = /^(\d{1,15}(?:\.\d+)?)([KMGT]?)(?:-\d+[KMGT]?)?$/.exec(printed) ?? [];
  const count = number === '' ? Number.NaN : Number(number) * (MULTIPLES[unit] ?? 1);
  if (!Number.isSafeInteger(count)) throw new WrongShape(`is ${quote(printed)}, not a whole number from 0 up`);
  return count;
}

/** Epoch seconds, as where SLURM_TIME_FORMAT is `%s`, or local time. */
function time(value: unknown, timeZone: string): number | null {
  const printed = text(value).trim();
  if (NO_TIME.has(printed)) return null;
  // A number of fewer digits, of 1973 at the latest, is a piece of a text that was taken for the time.
  const seconds = /^\d{9,12}$/.test(printed) ? Number(printed) : instantOf(printed, timeZone);
  if (seconds === null || seconds < 0 || seconds > LAST_TIME) throw new WrongShape(`is ${quote(printed)}, not a time`);
  return seconds;
}

/** `7-00:00:00`, `01:00:00`, `30:00`, and sacct's TimelimitRaw, which is in minutes. */
function limit(value: unknown): number | null {
  const printed = text(value).trim();
  if (NO_LIMIT.has(printed)) return null;
  if (/^\d{1,10}$/.test(printed)) return Number(printed) * 60;
  const parts: readonly (string | undefined)[] | null = /^(?:(\d{1,7})-)?(?:(\d\d):)?(\d\d):(\d\d)$/.exec(printed);
  if (parts === null) throw new WrongShape(`is ${quote(printed)}, not a time like 7-00:00:00`);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/**
 * The word of a reason: of `RaisedSignal:9(Killed)` and `ReqNodeNotAvail,_UnavailableNodes:cn-a1` what they begin with. Where
 * slurmctld has a sentence that names no reason (`job_requeued_in_held_state`), scontrol shows that alone: null.
 */
function reason(value: unknown): string | null {
  return /^[A-Za-z]+(?![A-Za-z_])/.exec(word(value) ?? '')?.[0] ?? null;
}

function exitCode(value: unknown): string | null {
  const printed = word(value);
  if (printed !== null && !/^\d+:\d+$/.test(printed)) throw new WrongShape(`is ${quote(printed)}, not like 3:0`);
  return printed;
}

function quote(printed: string): string {
  return JSON.stringify(printed.slice(0, 40));
}
