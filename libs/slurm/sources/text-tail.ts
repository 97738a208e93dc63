/** The last bytes of something that may be endless, as text. */
export class TextTail {
  readonly #capacity: number;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(chunk: Uint8Array): void {
    const last = chunk.subarray(Math.max(0, chunk.length - this.#capacity));
    const kept = Math.min(this.#bytes.length, this.#capacity - last.length);
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#bytes.length - kept), last]);
  }

  text(): string {
    return this.#bytes.toString('utf8');
  }
}
