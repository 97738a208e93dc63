import { MOST_INPUT_BYTES } from './mutations.ts';

const RUNS = 0;
const LENGTH = 1;
const HEADER_INTEGERS = 2;

/** The input that is being run, where the thread that watches can read it however the other one ends. */
export class SharedInput {
  readonly memory: SharedArrayBuffer;
  private readonly header: Int32Array;
  private readonly bytes: Uint8Array;

  constructor(memory = new SharedArrayBuffer(HEADER_INTEGERS * Int32Array.BYTES_PER_ELEMENT + MOST_INPUT_BYTES)) {
    this.memory = memory;
    this.header = new Int32Array(memory, 0, HEADER_INTEGERS);
    this.bytes = new Uint8Array(memory, this.header.byteLength);
  }

  begin(input: Uint8Array): void {
    this.bytes.set(input);
    this.header[LENGTH] = input.length;
    Atomics.add(this.header, RUNS, 1);
  }

  /** How many inputs have been begun. */
  get runs(): number {
    return Atomics.load(this.header, RUNS);
  }

  get input(): Buffer {
    return Buffer.from(this.bytes.slice(0, this.header[LENGTH]));
  }
}
