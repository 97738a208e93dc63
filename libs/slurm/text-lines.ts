import { SlurmFormatError } from './slurm-format-error.js';

/** No text of Slurm's has a record that long; whatever has is not kept. */
export const LONGEST_TEXT_RECORD = 16 * 1024 * 1024;

/** Lines of UTF-8 out of pieces of any size; bytes that are none become U+FFFD. */
export class TextLines {
  private readonly decoder = new TextDecoder();
  private rest = '';

  /** The lines that are whole by now. Throws SlurmFormatError where one is longer than {@link LONGEST_TEXT_RECORD}. */
  push(chunk: Uint8Array): string[] {
    const lines = this.decoder.decode(chunk, { stream: true }).split('\n');
    lines[0] = this.rest + (lines[0] ?? '');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > LONGEST_TEXT_RECORD) {
      throw new SlurmFormatError('What Slurm printed has a line of more than 16 MiB.');
    }
    return lines;
  }

  /** To be called once, after the last piece: what stands behind the last line break. */
  finish(): string {
    return this.rest + this.decoder.decode();
  }
}

/** For a message: how what was printed begins. */
export function beginningOf(text: string): string {
  return JSON.stringify(text.trimStart().slice(0, 120));
}
