import type { DocumentReader, ReadingSummary } from './document-reader.js';
import { JsonListSplitter, LARGEST_ELEMENT } from './json-list-splitter.js';
import { isJsonObject, member } from './json-object.js';
import type { KnownTexts } from './known-texts.js';
import { ReadingTally } from './reading-tally.js';
import { RecordDigests } from './record-digests.js';
import { SlurmFormatError } from './slurm-format-error.js';

/** What is read of a document of JSON: its list, and how one record of it becomes ours. */
export interface JsonKind<T> {
  list: 'jobs' | 'nodes';
  /** The member that names a record, for the report of one that cannot be read. */
  idMember: string;
  /** For a document that is well-formed but has no such list. */
  hint?: string;
  read(record: unknown): T;
  /** The cluster that a record says it is of, for documents that do not say it themselves. */
  clusterOf?(record: T): string | null;
}

/**
 * Reads the envelope that all of Slurm's JSON shares (`meta`, `errors`, `warnings` and one list, in any order) and each record on
 * its own. At the end {@link SlurmFormatError} is thrown where there was no such list, or an empty one beside errors: Slurm answers
 * so, with status 0 or HTTP 200, when it could not ask its own daemons, and that must not look like an empty cluster. 24.11 and later
 * do not even tell an error then: `scontrol show job --json` of a dead slurmctld has no jobs and was last updated in 1970. With a
 * warning beside it that is an answer: `No job changes since …`.
 */
export class JsonReader<T> implements DocumentReader<T> {
  private readonly tally = new ReadingTally();
  private readonly splitter: JsonListSplitter;
  private records: T[] = [];
  private slurm: unknown;
  private errors: string[] = [];
  private warned = false;
  private neverUpdated = false;
  private recordsCluster: string | null = null;

  private readonly digests = new RecordDigests();
  /** Of the record that comes next. */
  private digest = '';

  constructor(
    private readonly kind: JsonKind<T>,
    private readonly known?: KnownTexts<T>,
  ) {
    this.splitter = new JsonListSplitter(kind.list, ['meta', 'errors', 'warnings', 'last_update'], {
      ...(known && { isKnown: (text) => this.isKnown(text, known) }),
      element: (value) => {
        this.addRecord(value);
      },
      elementTooLarge: () => {
        this.tally.skip(null, '', `is larger than ${LARGEST_ELEMENT / 1024 / 1024} MiB`);
      },
      member: (name, value) => {
        if (name === 'meta') this.slurm = member(value, 'slurm') ?? member(value, 'Slurm');
        if (name === 'errors') this.errors = errorTexts(value);
        if (name === 'warnings') this.warned = Array.isArray(value) && value.length > 0;
        if (name === 'last_update') this.neverUpdated = member(value, 'number') === 0;
      },
    });
  }

  take(chunk: Uint8Array): T[] {
    this.splitter.push(chunk);
    return this.taken();
  }

  end(): { records: T[]; summary: ReadingSummary } {
    const { listSeen } = this.splitter.finish();
    const { list, hint } = this.kind;
    const summary = this.tally.summary({
      slurmVersion: nonEmptyText(member(this.slurm, 'release')),
      clusterName: nonEmptyText(member(this.slurm, 'cluster')) ?? this.recordsCluster,
    });
    const empty = summary.records + summary.skippedCount === 0;
    if (empty && this.errors.length > 0) {
      throw new SlurmFormatError(`Slurm listed no ${list} but errors: ${this.errors.join('; ')}.`);
    }
    if (empty && listSeen && this.neverUpdated && !this.warned) {
      throw new SlurmFormatError(
        `Slurm listed no ${list}, as if its controller had never told any: is slurmctld running?`,
      );
    }
    if (!listSeen) {
      throw new SlurmFormatError(
        `What Slurm printed has no list named "${list}".${hint === undefined ? '' : ` ${hint}`}`,
      );
    }
    return { records: this.taken(), summary };
  }

  private isKnown(text: Uint8Array, known: KnownTexts<T>): boolean {
    this.digest = this.digests.of(text);
    if (!known.isKnown(this.digest)) return false;
    this.tally.count();
    return true;
  }

  private addRecord(value: unknown): void {
    const record = this.tally.read(
      () => this.kind.read(value),
      () => printedId(value, this.kind.idMember),
    );
    if (record === null) return;
    this.known?.read(record, this.digest);
    this.records.push(record);
    this.recordsCluster ??= this.kind.clusterOf?.(record) ?? null;
  }

  private taken(): T[] {
    const { records } = this;
    this.records = [];
    return records;
  }
}

/** How many errors are told, and how much of each. */
const MOST_ERRORS = 10;
const LONGEST_ERROR = 500;

/** `Nothing found with query`, which 22.05's sacct calls an error where there are no such jobs (ESLURM_REST_EMPTY_RESULT). */
const NOTHING_FOUND = 9003;

/** 22.05 has `{error, errno}`, later versions `{description, error_number, error, source}`. */
function errorTexts(errors: unknown): string[] {
  if (!Array.isArray(errors)) return [];
  const told = errors.filter((entry: unknown) => member(entry, 'error_number') !== NOTHING_FOUND);
  return told.slice(0, MOST_ERRORS).map((entry: unknown) => {
    if (!isJsonObject(entry)) return JSON.stringify(entry).slice(0, LONGEST_ERROR);
    const texts = [...new Set([entry['error'], entry['description']])]
      .map(nonEmptyText)
      .filter((part) => part !== null);
    return (texts.length > 0 ? texts.join(': ') : JSON.stringify(entry)).slice(0, LONGEST_ERROR);
  });
}

function printedId(record: unknown, idMember: string): string | null {
  const id = member(record, idMember);
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

function nonEmptyText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
