import type { Random } from './random.ts';

/** No input is longer. */
export const MOST_INPUT_BYTES = 64 * 1024;
const MOST_STEPS = 8;
/** Bytes that mean something in text or in BSON. */
const TELLING = Buffer.from('\0\x01\x02\x03\x7f\x80\xc3\xe2\xf0\xff\n\r\t "\\|=,:;&%+-_[]{}()0159aEJN.', 'latin1');
const TELLING_INTEGERS = [0, 1, -1, 4, 5, 0x7f, 0x80, 0xff, 0x7fff, 0x10000, 0x7fffffff, -0x80000000];

type Mutation = (input: Buffer, random: Random, sources: Sources) => Buffer;

export interface Sources {
  words: readonly Buffer[];
  /** Another input. */
  other: () => Uint8Array;
}

/** An input that is a few steps away from `input`. */
export function mutated(input: Uint8Array, random: Random, sources: Sources): Buffer {
  let result: Buffer = Buffer.from(input);
  const steps = 1 + random.below(MOST_STEPS);
  for (let step = 0; step < steps; step += 1) {
    const mutate = random.pick(MUTATIONS);
    if (mutate !== undefined) result = mutate(result, random, sources);
    if (result.length > MOST_INPUT_BYTES) result = result.subarray(0, MOST_INPUT_BYTES);
  }
  return result;
}

const MUTATIONS: readonly Mutation[] = [
  (input, random) => changed(input, random, (byte) => byte ^ (1 << random.below(8))),
  (input, random) => changed(input, random, () => random.below(256)),
  (input, random) => changed(input, random, () => random.pick([...TELLING]) ?? 0),
  (input, random) => changed(input, random, (byte) => byte + random.below(9) - 4),
  (input, random) => inserted(input, random, Buffer.from([random.pick([...TELLING]) ?? 0])),
  (input, random) => inserted(input, random, randomBytes(random, 1 + random.mostlySmallBelow(256))),
  (input, random, { words }) => inserted(input, random, random.pick(words) ?? Buffer.alloc(1)),
  (input, random, { words }) => overwritten(input, random, random.pick(words) ?? Buffer.alloc(1)),
  (input, random) => overwritten(input, random, integerBytes(random)),
  (input, random) => nudgedInteger(input, random),
  (input, random) => nudgedDigits(input, random),
  (input, random) => without(input, random),
  (input, random) => without(input, random),
  (input, random) => inserted(input, random, piece(input, random)),
  (input, random) => overwritten(input, random, piece(input, random)),
  (input, random, { other }) => inserted(input, random, piece(Buffer.from(other()), random)),
  (input, random, { other }) => spliced(input, Buffer.from(other()), random),
  (input, random) => stretched(input, random),
];

function changed(input: Buffer, random: Random, change: (byte: number) => number): Buffer {
  const at = random.below(input.length);
  if (input.length > 0) input[at] = change(input[at] ?? 0) & 0xff;
  return input;
}

function inserted(input: Buffer, random: Random, bytes: Uint8Array): Buffer {
  const at = random.below(input.length + 1);
  return Buffer.concat([input.subarray(0, at), bytes, input.subarray(at)]);
}

function overwritten(input: Buffer, random: Random, bytes: Buffer): Buffer {
  bytes.copy(input, random.below(input.length));
  return input;
}

function without(input: Buffer, random: Random): Buffer {
  const at = random.below(input.length);
  return Buffer.concat([input.subarray(0, at), input.subarray(at + 1 + random.mostlySmallBelow(input.length))]);
}

function piece(input: Buffer, random: Random): Buffer {
  const at = random.below(input.length);
  return Buffer.from(input.subarray(at, at + 1 + random.mostlySmallBelow(input.length)));
}

function spliced(input: Buffer, other: Buffer, random: Random): Buffer {
  return Buffer.concat([
    input.subarray(0, random.below(input.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
}

/** A piece many times over: what takes more than linear time shows. */
function stretched(input: Buffer, random: Random): Buffer {
  if (input.length === 0 || random.below(16) !== 0) return input;
  const repeated = piece(input, random);
  const times = Math.floor((MOST_INPUT_BYTES - input.length) / repeated.length);
  if (times <= 0) return input;
  return inserted(input, random, Buffer.alloc(repeated.length * (1 + random.below(times)), repeated));
}

function randomBytes(random: Random, count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, () => random.below(256)));
}

function integerBytes(random: Random): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(random.pick(TELLING_INTEGERS) ?? 0);
  return bytes;
}

/** Adds a little to four bytes that may be a length. */
function nudgedInteger(input: Buffer, random: Random): Buffer {
  if (input.length < 4) return input;
  const at = random.below(input.length - 3);
  input.writeInt32LE((input.readInt32LE(at) + random.below(17) - 8) | 0, at);
  return input;
}

/** Another number in place of one that is written in digits. */
function nudgedDigits(input: Buffer, random: Random): Buffer {
  const from = random.below(input.length);
  let start = from;
  while (start < input.length && !isDigit(input[start])) start += 1;
  let end = start;
  while (end < input.length && isDigit(input[end])) end += 1;
  if (start === end) return input;
  const digits = random.pick(['0', '1', '-1', '65535', '4294967294', '9223372036854775808', '1e999', '0.5']) ?? '';
  return Buffer.concat([input.subarray(0, start), Buffer.from(digits), input.subarray(end)]);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
