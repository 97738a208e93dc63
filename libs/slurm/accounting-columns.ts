/**
 * The columns that are asked of `sacct -P`, in this order. What a user writes stands last, and between each two of these a time:
 * names and comments are printed raw, so that where one holds the delimiter, its end is told by the column behind it. The last
 * column is no text, so that a row's end is certain.
 */
const COLUMNS = [
  'JobIDRaw',
  'JobID',
  'State',
  'DBIndex',
  'SLUID',
  'Restarts',
  'Cluster',
  'User',
  'UID',
  'Account',
  'Partition',
  'QOS',
  'Priority',
  'Reason',
  'ExitCode',
  'NodeList',
  'AllocNodes',
  'AllocTRES',
  'ReqTRES',
  'Reservation',
  'Timelimit',
  'JobName',
  'Submit',
  'Comment',
  'Eligible',
  'WorkDir',
  'Start',
  'End',
] as const;

/** @param available what `sacct --helpformat` prints, split at white space */
export function accountingColumns(available: readonly string[]): string[] {
  const names = new Set(available.map((name) => name.toLowerCase()));
  return COLUMNS.filter((column) => names.has(column.toLowerCase()));
}

/** Epoch seconds, whatever stands behind them by SLURM_TIME_FORMAT, or local time. */
const TIME = /^(?:\d{9,12}\S*|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|Unknown|None)$/;
const DURATION = /^(?:[\d:.-]+|UNLIMITED|Partition_Limit|INVALID|)$/;

/** What can stand in a column; any text without a line break in one that is not named here. */
const PATTERNS: ReadonlyMap<string, RegExp> = new Map([
  ['JobIDRaw', /^\d+(?:\+\d+)?(?:\.[\w+-]+)?$/],
  ['JobID', /^\d+(?:_\d+|_\[[^\]\s|]*\]|\+\d+)?(?:\.[\w+-]+)?$/],
  ['State', /^[A-Z_]+(?: by \d+)?\+?$/],
  ...patterns(/^(?:\d+:\d+)?$/, 'ExitCode DerivedExitCode'),
  ...patterns(
    /^\d*$/,
    'DBIndex Restarts UID GID Priority AllocNodes AllocCPUS NNodes NCPUS ReqCPUS AssocID QOSRAW WCKeyID',
  ),
  ...patterns(/^\d*$/, 'ElapsedRaw CPUTimeRAW'),
  ...patterns(TIME, 'Submit Eligible Start End'),
  ...patterns(DURATION, 'Timelimit TimelimitRaw Elapsed CPUTime Suspended SystemCPU UserCPU TotalCPU'),
  ...patterns(DURATION, 'Planned PlannedCPU Reserved ResvCPU'),
  ...patterns(/^(?:[^\s=|]+=[^\s,]*(?:,|$))*$/, 'AllocTRES ReqTRES'),
]);

function patterns(pattern: RegExp, names: string): [name: string, pattern: RegExp][] {
  return names.split(' ').map((name) => [name, pattern]);
}

const ANY_WORD = /^[^\n]*$/;

/** Columns that hold what somebody wrote: any text, the delimiter and line breaks included. */
const FREE: ReadonlySet<string> = new Set([
  'AdminComment',
  'Comment',
  'Constraints',
  'Container',
  'Extra',
  'JobName',
  'StdErr',
  'StdIn',
  'StdOut',
  'SubmitLine',
  'SystemComment',
  'WorkDir',
]);

export interface AccountingColumn {
  name: string;
  free: boolean;
  /** What a value of a column that is not free looks like. */
  pattern: RegExp;
}

export function accountingColumn(name: string): AccountingColumn {
  return { name, free: FREE.has(name), pattern: PATTERNS.get(name) ?? ANY_WORD };
}
