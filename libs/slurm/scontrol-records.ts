import { SlurmFormatError } from './slurm-format-error.js';
import { LONGEST_TEXT_RECORD } from './text-lines.js';

export interface FrameLine {
  /** The first name in it. */
  name: string;
  /** What it holds besides, empty for nothing in particular. */
  holds: string;
}

/** How records of one kind are told in scontrol's text. */
export interface RecordLayout {
  /** The first line of a record. */
  begins: RegExp;
  /** Some lines that every record has, in this order, before those that hold more than a name that a user wrote. */
  frame: readonly FrameLine[];
  /** How the line begins that comes after all of a record's texts but itself, given its lines up to the end of the frame. */
  lastText(framed: readonly string[]): string | null;
}

export interface TextRecord {
  lines: readonly string[];
  /** Whether it may be two records, of which one is text within the other. */
  uncertain: boolean;
}

/**
 * Puts lines of `scontrol show job` or `show node` together into records. A line that looks like the first of a record is one only
 * behind an empty line, and only if the lines of the frame follow: names and comments are printed raw, so that such a line may be
 * part of one. Where another such line comes before the frame is whole, the one is text: of the record before, if that had not
 * come to the last of its texts, and else nobody knows of which, so that the record is uncertain.
 */
export class ScontrolRecords {
  private record: string[] = [];
  private uncertain = false;
  /** The beginning of the last line with a text that the record still lacks. */
  private awaited: string | null = null;
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
    this.size = whole === null ? this.size + line.length + 1 : 0;
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
    if (this.blank && this.layout.begins.test(line)) this.beginCandidate(line);
    else if (this.candidate.length > 0) return this.addToCandidate(line);
    else {
      this.record.push(line);
      if (this.awaited !== null && line.startsWith(this.awaited)) this.awaited = null;
    }
    return null;
  }

  private beginCandidate(line: string): void {
    if (this.candidate.length > 0 && this.awaited !== null) {
      for (const text of this.candidate) {
        this.record.push(text);
        if (this.awaited !== null && text.startsWith(this.awaited)) this.awaited = null;
      }
      this.candidate = [];
    }
    this.candidateUncertain = this.candidate.length > 0;
    this.candidate.push(line);
    this.framed = 0;
  }

  private addToCandidate(line: string): TextRecord | null {
    this.candidate.push(line);
    const awaited = this.layout.frame[this.framed];
    if (awaited === undefined || !line.startsWith(`   ${awaited.name}=`) || !line.includes(awaited.holds)) return null;
    this.framed += 1;
    if (this.framed < this.layout.frame.length) return null;
    const whole = { lines: this.record, uncertain: this.uncertain };
    this.record = this.candidate;
    this.uncertain = this.candidateUncertain;
    this.awaited = this.layout.lastText(this.record);
    this.candidate = [];
    this.candidateUncertain = false;
    return whole.lines.length === 0 ? null : whole;
  }
}
