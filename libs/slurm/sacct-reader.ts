import { type AccountingColumn, accountingColumn } from './accounting-columns.js';
import type { DocumentReader, ReadingSummary } from './document-reader.js';
import type { JobRecord } from './job-record.js';
import { readJob } from './read-job.js';
import { ReadingTally } from './reading-tally.js';
import { fieldTable } from './record-fields.js';
import { divideRow, MOST_EXTRA } from './sacct-rows.js';
import { SlurmFormatError } from './slurm-format-error.js';
import { ACCOUNTING_TEXT } from './slurm-names.js';
import { beginningOf, LONGEST_TEXT_RECORD, TextLines } from './text-lines.js';
import { jobTextValues } from './text-values.js';

/** Without these there is no record. */
const NEEDED = ['JobIDRaw', 'JobID', 'State'] as const;

/** A comment has a few lines. */
const MOST_LINES = 1000;

const TABLE = fieldTable(ACCOUNTING_TEXT);

/**
 * Reads `sacct -P` with its header, whatever columns it has in whatever order. The delimiter is what stands behind the first name
 * in the header: `|`, or anything without letters and digits that `--delimiter` was given. Steps are left out.
 */
export class SacctReader implements DocumentReader<JobRecord> {
  private readonly lines = new TextLines();
  private readonly tally = new ReadingTally();
  private readonly values: ReturnType<typeof jobTextValues>;
  private columns: AccountingColumn[] = [];
  private delimiter = '';
  /** How many columns stand before the first that holds any text. */
  private leading = 0;
  /** The lines of the row that may go on. */
  private row: string[] = [];
  private size = 0;
  /** How many values the row has so far. Counted line by line: a row of many lines is not taken apart anew at each. */
  private parts = 0;
  private clusterName: string | null = null;

  constructor(timeZone: string, timeSuffix: string) {
    this.values = jobTextValues(timeZone, timeSuffix);
  }

  take(chunk: Uint8Array): JobRecord[] {
    return this.lines.push(chunk).flatMap((line) => this.addLine(line));
  }

  end(): { records: JobRecord[]; summary: ReadingSummary } {
    const rest = this.lines.finish();
    if (this.columns.length === 0) {
      if (rest.trim() !== '') this.readHeader(rest);
      else throw new SlurmFormatError('`sacct -P` printed nothing, not even its header.');
    } else if (rest !== '' || (this.row.length > 0 && this.parts < this.columns.length)) {
      throw new SlurmFormatError('What `sacct -P` printed was cut short: its last row has no end.');
    }
    const records = this.endRow();
    return { records, summary: this.tally.summary({ slurmVersion: null, clusterName: this.clusterName }) };
  }

  private readHeader(line: string): void {
    this.delimiter = /^[A-Za-z]+([^A-Za-z0-9]+)/.exec(line)?.[1] ?? '';
    const names = this.delimiter === '' ? [] : line.split(this.delimiter);
    const missing = NEEDED.filter((name) => !names.includes(name));
    if (missing.length > 0) {
      throw new SlurmFormatError(
        `What \`sacct -P\` printed does not begin with a header that has ${missing.join(', ')}; it begins ${beginningOf(line)}.`,
      );
    }
    this.columns = names.map(accountingColumn);
    const firstFree = this.columns.findIndex(({ free }) => free);
    this.leading = firstFree === -1 ? this.columns.length : firstFree;
  }

  private addLine(line: string): JobRecord[] {
    if (this.columns.length === 0) {
      if (line.trim() !== '') this.readHeader(line);
      return [];
    }
    if (this.row.length > 0 && line !== '' && !this.beginsRow(line)) return this.goOn(line);
    if (line === '') return this.row.length === 0 || this.isWhole() ? [] : this.goOn(line);
    const records = this.endRow();
    this.row = [line];
    this.size = line.length;
    this.parts = 1 + this.delimitersIn(line);
    return records;
  }

  private goOn(line: string): JobRecord[] {
    this.row.push(line);
    this.size += line.length + 1;
    this.parts += this.delimitersIn(line);
    if (this.row.length <= MOST_LINES && this.size <= LONGEST_TEXT_RECORD) return [];
    this.tally.skip(this.idOf(this.row), '', `has no end within ${MOST_LINES} lines`);
    this.row = [];
    return [];
  }

  /** A row is whole once it has all columns; until then a line belongs to it, whatever it looks like. */
  private beginsRow(line: string): boolean {
    if (!this.looksLikeRow(line) || this.parts < this.columns.length) return false;
    return this.isWhole() || this.isBrokenInFront() || this.hasAllColumns(line);
  }

  /** What stands in front of all texts no further line can mend: such a row ends where the next begins, even one of several lines. */
  private isBrokenInFront(): boolean {
    const parts = (this.row[0] ?? '').split(this.delimiter, this.leading);
    return !this.columns.slice(0, this.leading).every(({ pattern }, at) => pattern.test(parts[at] ?? ''));
  }

  /** By the ids in front of all texts; of a row without any nothing is known. */
  private looksLikeRow(line: string): boolean {
    const parts = line.split(this.delimiter, this.leading);
    return this.columns
      .slice(0, this.leading)
      .every(({ name, pattern }, at) => !name.startsWith('JobID') || pattern.test(parts[at] ?? ''));
  }

  private hasAllColumns(line: string): boolean {
    return this.partsOf([line]).length >= this.columns.length;
  }

  private isWhole(): boolean {
    const extra = this.parts - this.columns.length;
    if (extra < 0 || extra > MOST_EXTRA) return false;
    return divideRow(this.partsOf(this.row), this.columns, this.delimiter) !== 'none';
  }

  /** Most lines of a text have none, and are many. */
  private delimitersIn(line: string): number {
    return line.includes(this.delimiter) ? line.split(this.delimiter).length - 1 : 0;
  }

  private partsOf(lines: readonly string[]): string[] {
    return lines.join('\n').split(this.delimiter);
  }

  private endRow(): JobRecord[] {
    if (this.row.length === 0) return [];
    const parts = this.partsOf(this.row);
    // With as many values as columns each is read as it is, so that a wrong one is named.
    const division = parts.length === this.columns.length ? parts : divideRow(parts, this.columns, this.delimiter);
    const lines = this.row;
    this.row = [];
    if (typeof division === 'string') {
      this.tally.skip(this.idOf(lines), '', NOT_DIVIDED[division]);
      return [];
    }
    const fields = Object.fromEntries(this.columns.map(({ name }, at): [string, string] => [name, division[at] ?? '']));
    if (fields['JobIDRaw']?.includes('.') === true) return [];
    const record = this.tally.read(
      () => readJob({ ...fields, ...idsOf(fields['JobID'] ?? '') }, TABLE, this.values),
      () => fields['JobIDRaw'] ?? null,
    );
    if (record === null) return [];
    this.clusterName ??= record.clusterName;
    return [record];
  }

  private idOf(lines: readonly string[]): string | null {
    const at = this.columns.findIndex(({ name }) => name === 'JobIDRaw');
    return this.leading > at ? (lines[0]?.split(this.delimiter, at + 1)[at] ?? null) : null;
  }
}

const NOT_DIVIDED = {
  none: 'has other columns than the header',
  several: 'holds the delimiter in a name or a comment, so that its columns are not certain',
} as const;

/** What `JobID` says: `19_6` a task, `19_[7-9%2]` the tasks that wait, `33+1` a component. */
function idsOf(jobId: string): Record<string, string> {
  const [, array, task] = /^(\d+)_(\d+)$/.exec(jobId) ?? [];
  if (array !== undefined && task !== undefined) return { 'JobID of array': array, 'JobID of task': task };
  const [, waiting, tasks] = /^(\d+)_\[(.*)\]$/.exec(jobId) ?? [];
  if (waiting !== undefined && tasks !== undefined) {
    return { 'JobID of array': waiting, 'JobID of waiting tasks': tasks };
  }
  const [, het, component] = /^(\d+)\+(\d+)$/.exec(jobId) ?? [];
  if (het !== undefined && component !== undefined) {
    return { 'JobID of heterogeneous job': het, 'JobID of component': component };
  }
  return {};
}
