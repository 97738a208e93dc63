/**
 * Buffers that are filled, sent and then filled again, so that a list allocates nothing once it is under way.
 * Whoever has sent a text gives it back with `recycle`; one that never comes back is the garbage collector's.
 */
export class OutputBuffers {
  private readonly idle: Buffer[] = [];
  /** The memory of what is lent out: nothing else is taken back, and that but once. */
  private readonly lent = new WeakSet<ArrayBufferLike>();

  /**
   * @param size bytes of each buffer
   * @param mostIdle buffers kept for the next use; what comes back beyond them is let go
   */
  constructor(
    readonly size: number,
    private readonly mostIdle: number,
  ) {}

  /** A buffer that is the caller's until it is recycled. What it holds is undefined. */
  lend(): Buffer {
    const buffer = this.idle.pop() ?? Buffer.allocUnsafeSlow(this.size);
    this.lent.add(buffer.buffer);
    return buffer;
  }

  /**
   * Takes back the buffer that a text lies in; the text must not be read any more. What is not lent out by this pool (a
   * text given back twice, one that outgrew its buffer, somebody else's) is left alone.
   */
  recycle(text: Uint8Array): void {
    if (!this.lent.delete(text.buffer) || this.idle.length >= this.mostIdle) return;
    this.idle.push(Buffer.from(text.buffer));
  }
}
