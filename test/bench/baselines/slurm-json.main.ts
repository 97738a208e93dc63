/**
 * Both sides of reading what squeue printed, each in a process of its own (`reader` or `json-parse`, and the file): our reader,
 * over bytes in pieces as a pipe hands them on, and JSON.parse over the whole text, which is more than our reader is given.
 */
import { readFileSync } from 'node:fs';
import { jobReader } from '#libs/slurm';
import { onDemand } from '../processes/on-demand.ts';

/** What a side tells of one reading. */
export interface ReadRecords {
  ms: number;
  records: number;
}

const PIECE = 64 * 1024;

const [, , side, file = ''] = process.argv;
const bytes = readFileSync(file);
const text = side === 'json-parse' ? bytes.toString() : '';

function readInPieces(): number {
  const reader = jobReader('controller-json', { timeZone: 'UTC' });
  let records = 0;
  for (let from = 0; from < bytes.length; from += PIECE) {
    records += reader.take(bytes.subarray(from, from + PIECE)).length;
  }
  return records + reader.end().records.length;
}

function parseWhole(): number {
  return (JSON.parse(text) as { jobs: unknown[] }).jobs.length;
}

const read = side === 'json-parse' ? parseWhole : readInPieces;
onDemand((): Promise<ReadRecords> => {
  const begun = performance.now();
  const records = read();
  return Promise.resolve({ ms: performance.now() - begun, records });
});
