import { SlurmFormatError } from './slurm-format-error.js';
import { LONGEST_TEXT_RECORD } from './text-lines.js';

/** How records of one kind are told in scontrol's text. */
export interface RecordLayout {
  /** The first line of a record. */
  begins: RegExp;
  /** How some lines begin that every record has, in this order, before any that a user writes. */
  frame: readonly string[];
}

export interface TextRecord {
  lines: readonly string[];
  /** Whether it may be two records, of which one is text within the other. */
  uncertain: boolean;
}

/**
 * Puts lines of `scontrol show job` or `show node` together into records. A line that looks like the first of a record is one only
 * behind an empty line, and only if the lines of the frame follow: names and comments are printed raw, so that such a line may be
 * part of one. Where another such line comes before the frame is whole, either may be in a text: the record is uncertain.
 */
export class ScontrolRecords {
  private record: string[] = [];
  private uncertain = false;
  /** What may be the beginning of the next record, until its frame is whole; how many lines of the frame it has. */
  private candidate: string[] = [];
  private candidateUncertain = false;
  private framed = 0;
  private size = 0;
  private blank = true;

  constructor(private readonly layout: RecordLayout) {}

  /** The record that is known to be whole by this line, if any. Throws SlurmFormatError where one has no end. */
  add(line: string): TextRecord | null {
    const whole = this.place(line);
    this.blank = line.trim() === '';
    this.size = whole === null ? this.size + line.length + 1 : line.length + 1;
    if (this.size > LONGEST_TEXT_RECORD) {
      throw new SlurmFormatError('What Slurm printed has a record of more than 16 MiB.');
    }
    return whole;
  }

  /** To be called once, after the last line: the last record, null where there is none. */
  finish(): { record: TextRecord | null; cutShort: boolean } {
    // Without its frame it is no record of its own, but text of the last one.
    const lines = this.record.concat(this.candidate);
    const unframed = this.record.length === 0 && lines.length > 0;
    const uncertain = this.uncertain || this.candidateUncertain;
    return { record: lines.length === 0 ? null : { lines, uncertain }, cutShort: !this.blank || unframed };
  }

  private place(line: string): TextRecord | null {
    if (this.blank && this.layout.begins.test(line)) {
      this.candidateUncertain = this.candidate.length > 0;
      this.candidate.push(line);
      this.framed = 0;
      return null;
    }
    if (this.candidate.length === 0) {
      this.record.push(line);
      return null;
    }
    this.candidate.push(line);
    if (!line.startsWith(`   ${this.layout.frame[this.framed] ?? ''}=`)) return null;
    this.framed += 1;
    if (this.framed < this.layout.frame.length) return null;
    const whole = { lines: this.record, uncertain: this.uncertain };
    this.record = this.candidate;
    this.uncertain = this.candidateUncertain;
    this.candidate = [];
    return whole.lines.length === 0 ? null : whole;
  }
}
