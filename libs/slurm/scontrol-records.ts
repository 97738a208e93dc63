import { SlurmFormatError } from './slurm-format-error.js';
import { LONGEST_TEXT_RECORD } from './text-lines.js';

/** How records of one kind are told in scontrol's text. */
export interface RecordLayout {
  /** The first line of a record. */
  begins: RegExp;
  /** How some lines begin that every record has, in this order, before any that a user writes. */
  frame: readonly string[];
}

/**
 * Puts lines of `scontrol show job` or `show node` together into records. A line that looks like the first of a record is one only
 * behind an empty line, and only if the lines of the frame follow: names and comments are printed raw, so that such a line may be
 * part of one. It then belongs to the record before it.
 */
export class ScontrolRecords {
  private record: string[] = [];
  /** What may be the beginning of the next record, until its frame is whole; how many lines of the frame it has. */
  private candidate: string[] | null = null;
  private framed = 0;
  private size = 0;
  private blank = true;

  constructor(private readonly layout: RecordLayout) {}

  /** The record that is known to be whole by this line, if any. Throws SlurmFormatError where one has no end. */
  add(line: string): string[] | null {
    const whole = this.place(line);
    this.blank = line.trim() === '';
    this.size = whole === null ? this.size + line.length + 1 : line.length + 1;
    if (this.size > 2 * LONGEST_TEXT_RECORD) {
      throw new SlurmFormatError('What Slurm printed has a record of more than 16 MiB.');
    }
    return whole;
  }

  /** To be called once, after the last line: the last record, null where there is none. */
  finish(): { record: string[] | null; cutShort: boolean } {
    const unframed = this.record.length === 0 && this.candidate !== null;
    const record = this.record.concat(this.candidate ?? []);
    return { record: record.length === 0 ? null : record, cutShort: !this.blank || unframed };
  }

  private place(line: string): string[] | null {
    if (this.blank && this.layout.begins.test(line)) {
      // One by one: there may be more lines than a call takes arguments.
      for (const text of this.candidate ?? []) this.record.push(text);
      this.candidate = [line];
      this.framed = 0;
      return null;
    }
    if (this.candidate === null) {
      this.record.push(line);
      return null;
    }
    this.candidate.push(line);
    if (!line.startsWith(`   ${this.layout.frame[this.framed] ?? ''}=`)) return null;
    this.framed += 1;
    if (this.framed < this.layout.frame.length) return null;
    const whole = this.record;
    this.record = this.candidate;
    this.candidate = null;
    return whole.length === 0 ? null : whole;
  }
}
