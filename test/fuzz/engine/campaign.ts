import { Worker } from 'node:worker_threads';
import type { TargetPlace } from '../target.ts';
import type { Figures, Finding, WorkerOrder, WorkerReport } from './messages.ts';
import { SharedInput } from './shared-input.ts';

/** An input that takes longer never ends. */
const MOST_INPUT_MS = 10_000;
const START_MS = 60_000;
const LOOK_MS = 500;
/** A thread whose inputs are 64 KiB at most needs no more. */
const MOST_HEAP_MIB = 512;

export interface CampaignOptions {
  seed: number;
  seconds: number;
  /** null: made up from the seed. */
  inputs: Uint8Array[] | null;
  earlier: Uint8Array[];
}

export interface CampaignResult extends Figures {
  findings: Finding[];
}

/**
 * Fuzzes one target in a thread of its own. A thread that does not come back from an input, runs out of memory or ends is a
 * finding, like an input that throws.
 */
export async function fuzzTarget(place: TargetPlace, options: CampaignOptions): Promise<CampaignResult> {
  const shared = new SharedInput();
  const order: WorkerOrder = { ...options, module: place.module.href, covers: place.covers, shared: shared.memory };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MIB },
    // Node's hooks for modules are no release yet, and say so.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const result: CampaignResult = { runs: 0, corpus: 0, reached: 0, total: 0, slowest: 0, findings: [] };
  const state: { end: 'none' | 'done' | 'died' | 'hangs' } = { end: 'none' };
  worker.on('message', (report: WorkerReport) => {
    if (report.kind === 'finding') result.findings.push({ reason: report.reason, input: report.input });
    if (report.kind !== 'done') return;
    state.end = 'done';
    Object.assign(result, report.figures);
  });
  worker.on('error', (error: Error) => {
    state.end = 'died';
    result.findings.push({ reason: `The thread ended: ${error.stack ?? error.message}`, input: shared.input });
  });
  let runs = 0;
  let movedAt = performance.now() + START_MS;
  const look = setInterval(() => {
    if (shared.runs !== runs) {
      runs = shared.runs;
      movedAt = performance.now();
    } else if (performance.now() - movedAt > MOST_INPUT_MS && state.end === 'none') {
      state.end = 'hangs';
      void worker.terminate();
    }
  }, LOOK_MS);
  await new Promise((resolve) => worker.on('exit', resolve));
  clearInterval(look);
  result.runs ||= shared.runs;
  if (state.end === 'hangs') {
    result.findings.push({ reason: `Hang: no end within ${MOST_INPUT_MS} ms`, input: shared.input });
  } else if (state.end === 'none') {
    result.findings.push({ reason: 'The thread ended by itself', input: shared.input });
  }
  return result;
}
