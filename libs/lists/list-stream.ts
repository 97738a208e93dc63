import { Readable } from 'node:stream';
import type { RawBatch, RawBatches } from '#libs/database';
import type { OutputBuffers } from '#libs/json';
import type { ListText } from './list-text.js';

/**
 * The text of a list as it is read from the database: a batch is written piece by piece while the next one comes in. A
 * reader that stops holds these two batches and a piece. An error on the way destroys the stream, and with it the
 * connection, so that a cut list is never taken for a whole one; a reader that leaves frees the cursor.
 */
export class ListStream extends Readable {
  private turn: NodeJS.Immediate | undefined;
  private ended = false;

  /**
   * @param batch the first, already read
   * @param buffers where a piece goes back to that was sent
   * @param release frees what the batches are read with
   */
  constructor(
    private readonly text: ListText,
    private batch: RawBatch,
    private readonly batches: RawBatches,
    private readonly buffers: OutputBuffers,
    private readonly release: () => Promise<void>,
  ) {
    super({ highWaterMark: 1 });
    text.begin(batch);
  }

  /** As Readable has it, but that a piece's buffer is taken back as soon as it is written. */
  override pipe<T extends NodeJS.WritableStream>(destination: T, { end = true }: { end?: boolean } = {}): T {
    this.on('data', (piece: Buffer) => {
      const hasRoom = destination.write(piece, (error) => {
        if (!error) this.buffers.recycle(piece);
      });
      if (!hasRoom) this.pause();
    });
    destination.on('drain', () => this.resume());
    if (end) this.once('end', () => destination.end());
    destination.emit('pipe', this);
    return destination;
  }

  /** A turn of the event loop for each piece: what the database sends meanwhile is read in between. */
  override _read(): void {
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      this.writePiece().catch((error: unknown) => {
        this.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearImmediate(this.turn);
    this.release().then(
      () => {
        callback(error);
      },
      (failure: unknown) => {
        callback(error ?? (failure instanceof Error ? failure : null));
      },
    );
  }

  private async writePiece(): Promise<void> {
    if (this.ended) return;
    let piece = this.text.piece();
    while (piece === null) {
      this.batch.free();
      const batch = await this.batches.read();
      if (this.destroyed) return;
      if (batch === null) {
        this.ended = true;
        this.push(this.text.end());
        this.push(null);
        return;
      }
      this.batch = batch;
      this.text.begin(batch);
      piece = this.text.piece();
    }
    this.push(piece);
  }
}
