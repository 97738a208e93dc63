import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { type DocumentReader, SlurmFormatError } from '#libs/slurm';
import { readJson } from '#libs/json';
import { Random } from '../engine/random.ts';

const FIXTURES = new URL('../../../fixtures/', import.meta.url);
/** So few of a document's records are a seed: what they are made of counts, not how many they are. */
const RECORDS_A_SEED = 2;
const MOST_SEEDS = 40;
/** Longer ones are not read byte by byte. */
const MOST_SINGLE_BYTES = 4_096;
const MOST_CHUNK_BYTES = 64;
/** Deeper is refused, which JSON.parse does not do. */
const DEEPEST_JSON = 90;

type ReaderMaker<T> = () => DocumentReader<T>;

/** What a reader made of a document: everything that it gave, or that it refused it. */
type Outcome = { read: string; records: number } | 'refused';

/**
 * Reads a document whole, in pieces of any size, and byte by byte: the same comes out, whatever the pieces are.
 * @param use what is done with each record next
 */
export function checkDocument<T>(make: ReaderMaker<T>, input: Uint8Array, use: (record: T) => unknown): Outcome {
  const whole = outcome(make(), [input], use);
  assert.deepEqual(outcome(make(), pieces(input), use), whole);
  if (input.length <= MOST_SINGLE_BYTES) assert.deepEqual(outcome(make(), single(input), use), whole);
  return whole;
}

/** A document of JSON says the same however it is laid out. */
export function checkLayouts<T>(make: ReaderMaker<T>, input: Uint8Array, use: (record: T) => unknown): void {
  const whole = checkDocument(make, input, use);
  const document = documentOf(input);
  if (document === null) return;
  for (const indentation of [0, 1, 4]) {
    const laidOut: Buffer = Buffer.from(JSON.stringify(document, null, indentation));
    assert.deepEqual(outcome(make(), [laidOut], use), whole);
  }
}

/** What JSON.parse makes of it, where that is all that it says: an object none of whose own keys is given twice. */
function documentOf(input: Uint8Array): unknown {
  const text = Buffer.from(input).toString();
  const repeated: string[] = [];
  try {
    readJson(text, { maxDepth: DEEPEST_JSON, onRepeatedKey: (key) => repeated.push(key) });
    const document = JSON.parse(text) as unknown;
    return repeated.length > 0 || typeof document !== 'object' ? null : document;
  } catch {
    return null;
  }
}

function outcome<T>(reader: DocumentReader<T>, chunks: Iterable<Uint8Array>, use: (record: T) => unknown): Outcome {
  const records: unknown[] = [];
  try {
    for (const chunk of chunks) for (const record of reader.take(chunk)) records.push([record, use(record)]);
    const { records: last, summary } = reader.end();
    for (const record of last) records.push([record, use(record)]);
    assert.equal(records.length, summary.records, 'other records than were counted');
    return { read: JSON.stringify([records, summary]), records: records.length };
  } catch (error) {
    // What came before the mistake depends on the pieces.
    if (error instanceof SlurmFormatError) return 'refused';
    throw error;
  }
}

/** Cut at places that the bytes themselves decide, so that an input is always cut alike. */
function* pieces(input: Uint8Array): Generator<Uint8Array> {
  const random = new Random(input.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, input.length));
  for (let at = 0; at < input.length;) {
    const end = at + 1 + random.below(MOST_CHUNK_BYTES);
    yield Buffer.from(input.subarray(at, end));
    at = end;
  }
}

function* single(input: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < input.length; at += 1) yield Buffer.from(input.subarray(at, at + 1));
}

export function recordedJson(list: 'jobs' | 'nodes', files: readonly string[]): Uint8Array[] {
  return files.flatMap((file) => {
    const document = JSON.parse(recorded(file)) as Record<string, unknown>;
    return groups(document[list] as unknown[]).map((records, at) =>
      Buffer.from(JSON.stringify({ ...document, [list]: records }, null, at % 2 === 0 ? 2 : 0)),
    );
  });
}

/** Text whose records have an empty line behind them. */
export function recordedBlocks(files: readonly string[]): Uint8Array[] {
  return files.flatMap((file) =>
    groups(recorded(file).split(/\n\n(?=JobId=|NodeName=)/)).map((records) =>
      Buffer.from(`${records.join('\n\n')}\n\n`),
    ),
  );
}

/** Rows below a header. */
export function recordedRows(files: readonly string[]): Uint8Array[] {
  return files.flatMap((file) => {
    const [header = '', ...rows] = recorded(file).trimEnd().split('\n');
    return groups(rows).map((some) => Buffer.from([header, ...some, ''].join('\n')));
  });
}

function recorded(file: string): string {
  return readFileSync(new URL(file, FIXTURES), 'utf8');
}

function groups<T>(records: readonly T[]): T[][] {
  const count = Math.min(MOST_SEEDS, Math.ceil(records.length / RECORDS_A_SEED));
  return Array.from({ length: count }, (_, at) => records.slice(at * RECORDS_A_SEED, (at + 1) * RECORDS_A_SEED));
}
