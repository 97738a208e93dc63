const LINE_FEED = 0x0a;
/** As large as a record may be, with its part's name around it. */
const MOST_LINE_BYTES = 16 * 1024 * 1024 + 1024;

export interface Line {
  /** From 1. */
  number: number;
  /** Null where it is longer than a line may be. */
  text: Buffer | null;
}

/** Cuts a stream into its lines that are not blank, one held at a time. */
export class LineSplitter {
  private pieces: Buffer[] = [];
  private bytes = 0;
  private number = 0;

  *push(chunk: Buffer): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      this.keep(chunk.subarray(start, end));
      yield* this.line();
      start = end + 1;
    }
    this.keep(chunk.subarray(start));
  }

  *end(): Generator<Line> {
    yield* this.line();
  }

  private keep(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.bytes <= MOST_LINE_BYTES) this.pieces.push(Buffer.from(piece));
    else this.pieces = [];
  }

  private *line(): Generator<Line> {
    const text = this.bytes <= MOST_LINE_BYTES ? Buffer.concat(this.pieces) : null;
    this.pieces = [];
    this.bytes = 0;
    this.number += 1;
    if (text?.toString('latin1').trim() !== '') yield { number: this.number, text };
  }
}
