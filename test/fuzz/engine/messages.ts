/** What a worker is started with. */
export interface WorkerOrder {
  module: string;
  covers: string;
  seed: number;
  seconds: number;
  shared: SharedArrayBuffer;
  /** Run these alone, instead of any that are made up. */
  inputs: Uint8Array[] | null;
  /** Run before anything else: inputs that were findings once. */
  earlier: Uint8Array[];
}

export interface Finding {
  /** What went wrong, with where. */
  reason: string;
  input: Uint8Array;
}

export interface Figures {
  /** Inputs run. */
  runs: number;
  /** Inputs kept, each of which reached something new. */
  corpus: number;
  /** Of the counters of statements and branches, those that any input reached. */
  reached: number;
  total: number;
  /** What the slowest input took, in milliseconds. */
  slowest: number;
}

export type WorkerReport = ({ kind: 'finding' } & Finding) | { kind: 'done'; figures: Figures };
