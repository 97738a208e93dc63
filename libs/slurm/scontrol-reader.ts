import type { DocumentReader, ReadingSummary } from './document-reader.js';
import { UnreadableField } from './record-fields.js';
import { ReadingTally } from './reading-tally.js';
import { type RecordLayout, ScontrolRecords, type TextRecord } from './scontrol-records.js';
import { SlurmFormatError } from './slurm-format-error.js';
import { beginningOf, TextLines } from './text-lines.js';

export interface ScontrolKind<T> {
  /** For messages: `scontrol show job`. */
  command: string;
  layout: RecordLayout;
  /** Throws {@link UnreadableField}. */
  read(lines: readonly string[]): T;
}

/** What scontrol prints where there is nothing to show. */
const EMPTY = /^No (jobs|nodes) in the system/;

/** Reads the text of `scontrol show`, record by record. It tells neither the version nor the cluster. */
export class ScontrolReader<T> implements DocumentReader<T> {
  private readonly lines = new TextLines();
  private readonly records: ScontrolRecords;
  private readonly tally = new ReadingTally();
  private begun = false;
  private empty = false;

  constructor(private readonly kind: ScontrolKind<T>) {
    this.records = new ScontrolRecords(kind.layout);
  }

  take(chunk: Uint8Array): T[] {
    return this.lines.push(chunk).flatMap((line) => this.addLine(line));
  }

  end(): { records: T[]; summary: ReadingSummary } {
    const rest = this.lines.finish();
    const records = rest === '' ? [] : this.addLine(rest);
    const unended = rest !== '';
    if (!this.begun) throw new SlurmFormatError(`\`${this.kind.command}\` printed nothing.`);
    if (!this.empty) {
      const { record, cutShort } = this.records.finish();
      if (cutShort || unended) {
        throw new SlurmFormatError(`What \`${this.kind.command}\` printed was cut short: its last record has no end.`);
      }
      if (record !== null) records.push(...this.read(record));
    }
    return { records, summary: this.tally.summary({ slurmVersion: null, clusterName: null }) };
  }

  private addLine(line: string): T[] {
    if (!this.begun) {
      if (line.trim() === '') return [];
      this.begun = true;
      this.empty = EMPTY.test(line);
      if (!this.empty && !this.kind.layout.begins.test(line)) {
        throw new SlurmFormatError(
          `What \`${this.kind.command}\` printed is not its list; it begins ${beginningOf(line)}.`,
        );
      }
    }
    if (this.empty) return [];
    const record = this.records.add(line);
    return record === null ? [] : this.read(record);
  }

  private read({ lines, uncertain }: TextRecord): T[] {
    const id = /^\w+=(\S+)/.exec(lines[0] ?? '')?.[1] ?? null;
    if (uncertain) {
      this.tally.skip(id, '', 'has a line in a name or a comment that looks like the beginning of another record');
      return [];
    }
    const record = this.tally.read(
      () => this.kind.read(lines),
      () => id,
    );
    return record === null ? [] : [record];
  }
}

const KEY = /^([A-Z][\w:/]*)=/;

/** The names and values of one record, as text. A name twice throws {@link UnreadableField}: which of them holds is not certain. */
export class TextFields {
  private readonly fields: Record<string, string> = {};

  set(name: string, value: string): void {
    if (Object.hasOwn(this.fields, name)) {
      throw new UnreadableField(name, 'is there twice, once in a name or a comment with line breaks');
    }
    this.fields[name] = value;
  }

  replace(name: string, value: string): void {
    this.fields[name] = value;
  }

  get(name: string): string | undefined {
    return this.fields[name];
  }

  /** Those of a line `Key=value Key=value`; a value may hold spaces. */
  setAll(line: string): void {
    let name: string | null = null;
    let value: string[] = [];
    const setLast = (): void => {
      if (name !== null) this.set(name, value.join(' ').trimEnd());
    };
    for (const token of line.split(' ')) {
      const key = KEY.exec(token)?.[1];
      if (key === undefined) value.push(token);
      else {
        setLast();
        name = key;
        value = [token.slice(key.length + 1)];
      }
    }
    setLast();
  }

  asObject(): Readonly<Record<string, string>> {
    return this.fields;
  }
}
