import { isJsonObject, member } from './json-object.js';
import type { Reading, SkippedRecord } from './reading.js';
import { UnreadableField } from './record-fields.js';
import { SlurmFormatError } from './slurm-format-error.js';

/** What is read of a document: its list, and how one record of it becomes ours. */
export interface DocumentKind<T> {
  /** For messages: `squeue --json`. */
  command: string;
  list: 'jobs' | 'nodes';
  /** The member that names a record, for the report of one that cannot be read. */
  idMember: string;
  /** For a document that is well-formed but has no such list. */
  hint?: string;
  read(record: unknown, document: { clusterName: string | null }): T;
}

/**
 * Reads the envelope that all of Slurm's JSON shares (`meta`, `errors` and one list) and each record on its own.
 * Throws {@link SlurmFormatError} where there is no such list, or an empty one beside errors: Slurm answers so, with status 0 or
 * HTTP 200, when it could not ask its own daemons, and that must not look like an empty cluster.
 */
export function readDocument<T>(text: string, kind: DocumentKind<T>): Reading<T> {
  const document = parse(text, kind.command);
  const list = member(document, kind.list);
  const errors = errorTexts(member(document, 'errors'));
  if (errors.length > 0 && (!Array.isArray(list) || list.length === 0)) {
    throw new SlurmFormatError(`\`${kind.command}\` listed no ${kind.list} but errors: ${errors.join('; ')}.`);
  }
  if (!Array.isArray(list)) {
    throw new SlurmFormatError(
      `What \`${kind.command}\` printed has no list named "${kind.list}".${kind.hint === undefined ? '' : ` ${kind.hint}`}`,
    );
  }

  const slurm = member(member(document, 'meta'), 'slurm') ?? member(member(document, 'meta'), 'Slurm');
  const clusterName = nonEmptyText(member(slurm, 'cluster'));
  const records: T[] = [];
  const skipped: SkippedRecord[] = [];
  list.forEach((record: unknown, index) => {
    try {
      records.push(kind.read(record, { clusterName }));
    } catch (error) {
      if (!(error instanceof UnreadableField)) throw error;
      skipped.push({ index, id: printedId(record, kind.idMember), field: error.field, reason: error.message });
    }
  });
  return { records, skipped, slurmVersion: nonEmptyText(member(slurm, 'release')) };
}

function parse(text: string, command: string): unknown {
  if (text.trim() === '') throw new SlurmFormatError(`\`${command}\` printed nothing.`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // What it printed instead is usually one line that says what is wrong; a document cut short shows its beginning.
    const beginning = JSON.stringify(text.trimStart().slice(0, 120));
    throw new SlurmFormatError(`What \`${command}\` printed is not JSON, or was cut short; it begins ${beginning}.`);
  }
}

/** 22.05 has `{error, errno}`, later versions `{description, error_number, error, source}`. */
function errorTexts(errors: unknown): string[] {
  if (!Array.isArray(errors)) return [];
  return errors.map((entry: unknown) => {
    if (!isJsonObject(entry)) return JSON.stringify(entry);
    const texts = [...new Set([entry['error'], entry['description']])]
      .map(nonEmptyText)
      .filter((part) => part !== null);
    return texts.length > 0 ? texts.join(': ') : JSON.stringify(entry);
  });
}

function printedId(record: unknown, idMember: string): string | null {
  const id = member(record, idMember);
  return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
}

function nonEmptyText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
