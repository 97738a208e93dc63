import { availableParallelism, cpus, totalmem } from 'node:os';

/** What the figures were taken on; nothing that says whose machine it is. */
export interface MachineFacts {
  /** ISO 8601, in UTC, to the day. */
  date: string;
  cores: number;
  processor: string;
  memoryGib: number;
  system: string;
  node: string;
  mongod: string;
}

export function machineFacts(mongod: string): MachineFacts {
  return {
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGib: Math.round(totalmem() / 1024 ** 3),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    mongod,
  };
}
