import { parentPort, workerData } from 'node:worker_threads';
import type { FuzzTarget } from '../target.ts';
import { countBranchesOf } from './counted-sources.ts';
import { Coverage } from './coverage.ts';
import type { WorkerOrder, WorkerReport } from './messages.ts';
import { MOST_INPUT_BYTES, mutated } from './mutations.ts';
import { Random } from './random.ts';
import { SharedInput } from './shared-input.ts';
import { overspent } from './time-bound.ts';

/** Findings of one kind are told once, and so many kinds at most. */
const MOST_FINDINGS = 10;
const MOST_KEPT = 4_096;
const LATEST = 32;
/** How often a finding is run to make it shorter. */
const MOST_SHORTENINGS = 2_000;
const MOST_SHORTENING_MS = 5_000;

const order = workerData as WorkerOrder;
const shared = new SharedInput(order.shared);
const random = new Random(order.seed);
countBranchesOf(new RegExp(order.covers));
const { target } = (await import(order.module)) as { target: FuzzTarget };
const coverage = new Coverage();
const kept: Uint8Array[] = [];
const found = new Set<string>();
let runs = 0;
let slowest = 0;

function report(message: WorkerReport): void {
  parentPort?.postMessage(message);
}

/** @returns what is wrong, null where nothing is */
function failureOf(input: Uint8Array): string | null {
  shared.begin(input);
  runs += 1;
  try {
    const begun = performance.now();
    // The target gets its own copy: what it does to it is none of the corpus's business.
    target.run(Buffer.from(input));
    const took = performance.now() - begun;
    slowest = Math.max(slowest, took);
    return overspent(took, input.length, () => {
      target.run(Buffer.from(input));
    });
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** What two findings have in common: the first line without what differs from input to input, and where it was thrown. */
function kindOf(reason: string): string {
  const [message = '', ...frames] = reason.split('\n');
  const where = frames.find((line) => line.trimStart().startsWith('at '))?.trim() ?? '';
  return `${message.slice(0, 60).replaceAll(/\d+/g, 'N')} ${where}`;
}

function tryOut(input: Uint8Array): void {
  const reason = failureOf(input);
  const isNew = coverage.take();
  if (reason !== null) tell(input, reason);
  else if (isNew && kept.length < MOST_KEPT) kept.push(input);
}

function tell(input: Uint8Array, reason: string): void {
  const kind = kindOf(reason);
  if (found.has(kind) || found.size >= MOST_FINDINGS) return;
  found.add(kind);
  const shorter = shortened(input, kind);
  report({ kind: 'finding', reason: failureOf(shorter) ?? reason, input: shorter });
}

/** The input without the pieces that the finding does not need. */
function shortened(input: Uint8Array, kind: string): Uint8Array {
  let shortest = input;
  let tries = 0;
  // Each try of a slow input is as slow as it is.
  const end = performance.now() + MOST_SHORTENING_MS;
  const goesOn = () => tries < MOST_SHORTENINGS && performance.now() < end;
  for (let size = input.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < shortest.length && goesOn(); tries += 1) {
      const attempt = Buffer.concat([shortest.subarray(0, at), shortest.subarray(at + size)]);
      const reason = failureOf(attempt);
      if (reason !== null && kindOf(reason) === kind) shortest = attempt;
      else at += size;
    }
  }
  return shortest;
}

/** Of two the shorter one, mostly: it is run in less time. What was kept last has been tried least. */
function base(): Uint8Array {
  const latest = random.below(2) === 0 ? Math.max(0, kept.length - LATEST) : 0;
  const one = kept[latest + random.below(kept.length - latest)] ?? Buffer.alloc(0);
  const other = random.pick(kept) ?? one;
  return other.length < one.length && random.below(4) > 0 ? other : one;
}

function fuzz(): void {
  for (const seed of [...target.seeds(), new Uint8Array(0)]) tryOut(seed.subarray(0, MOST_INPUT_BYTES));
  const words = (target.words ?? []).map((word) => Buffer.from(word));
  const sources = { words, other: () => random.pick(kept) ?? Buffer.alloc(0) };
  const end = performance.now() + order.seconds * 1000;
  while (performance.now() < end && found.size < MOST_FINDINGS) {
    const input = mutated(base(), random, sources);
    if (random.below(2) === 0) target.repair?.(input);
    tryOut(input);
  }
}

for (const input of order.inputs ?? order.earlier) tryOut(input.subarray(0, MOST_INPUT_BYTES));
if (order.inputs === null) fuzz();
report({ kind: 'done', figures: { runs, corpus: kept.length, slowest, ...coverage.counters } });
