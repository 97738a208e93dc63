import { Presets, SingleBar } from 'cli-progress';
import { talk } from './talk.js';

/** A progress bar on a terminal, and nothing elsewhere. */
export class Progress {
  private readonly bar: SingleBar | null;
  private records = 0;

  /** @param bytes how long the input is; null where nobody knows */
  constructor(private readonly bytes: number | null) {
    this.bar = process.stderr.isTTY
      ? new SingleBar(
          {
            stream: process.stderr,
            format:
              bytes === null ? '{records} records' : '{bar} {percentage} % | {records} records | {eta_formatted} left',
            etaBuffer: 50,
          },
          Presets.shades_classic,
        )
      : null;
    this.bar?.start(bytes ?? 1, 0, { records: 0 });
  }

  async *watch(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      yield chunk;
      this.bar?.increment(this.bytes === null ? 0 : chunk.length, { records: this.records });
    }
  }

  count(): void {
    this.records += 1;
  }

  /** Says something above the bar. */
  talk(message: string): void {
    if (this.bar !== null) process.stderr.write('\r\x1b[K');
    talk(message);
  }

  end(): void {
    this.bar?.update({ records: this.records });
    this.bar?.stop();
  }
}
