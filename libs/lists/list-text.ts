import { JSON_MEDIA_TYPE } from '#libs/common';
import type { RawDocuments } from '#libs/database';
import { BsonJsonWriter, type OutputBuffers } from '#libs/json';
import type { Representation } from './representation.js';

const DOCUMENT = 0x03;

/**
 * The text of a list, written piece by piece: a JSON array, or one object a line. What is handed out before the end never
 * reads as a whole list, wherever it is cut: the array lacks its bracket, the last line the end of its object.
 */
export class ListText {
  private readonly writer: BsonJsonWriter;
  private batch: RawDocuments | undefined;
  private at = 0;
  private left = 0;
  private isFirst = true;
  private readonly isArray: boolean;

  /**
   * @param pieceBytes about how much is handed out at a time; left out, nothing is before the end
   * @param buffers where pieces are written, somewhat larger than these
   */
  constructor(
    mediaType: Representation['mediaType'],
    private readonly pieceBytes = Number.POSITIVE_INFINITY,
    buffers?: OutputBuffers,
  ) {
    this.isArray = mediaType === JSON_MEDIA_TYPE;
    this.writer = new BsonJsonWriter(buffers);
  }

  /** Takes up a batch, when the one before is written. */
  begin(batch: RawDocuments): void {
    this.batch = batch;
    this.at = batch.start;
    this.left = batch.count;
  }

  /** The next piece of the batch; null when no whole piece is left of it: the rest goes with the next. */
  piece(): Buffer | null {
    while (this.batch !== undefined && this.left > 0) {
      this.writeDocument(this.batch.bytes);
      if (this.writer.size >= this.pieceBytes) return this.writer.take();
    }
    this.batch = undefined;
    return null;
  }

  /** What is left, and the end of the list. */
  end(): Buffer {
    if (this.isArray) this.writer.raw(this.isFirst ? '[]' : ']');
    else if (!this.isFirst) this.writer.raw(LINE_END);
    return this.writer.take();
  }

  private writeDocument(bytes: Buffer): void {
    if (this.isArray) this.writer.raw(this.isFirst ? '[' : ',');
    else if (!this.isFirst) this.writer.raw(LINE_END);
    this.isFirst = false;
    this.at = this.writer.document(bytes, this.at);
    this.left -= 1;
    if (!this.isArray) this.writer.drop(1);
    if (this.left > 0) this.at = nextDocument(bytes, this.at);
  }
}

/** The end of an object and of its line, which follow only when it is sure that there is more, or no more. */
const LINE_END = '}\n';

/** Where the item of a BSON array begins that follows the one that ends here. */
function nextDocument(bytes: Buffer, end: number): number {
  const indexEnd = bytes.indexOf(0, end + 1);
  if (bytes[end] !== DOCUMENT || indexEnd < 0) throw new Error('the batch holds something that is no document');
  return indexEnd + 1;
}
