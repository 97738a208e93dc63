import type { ProcessEnd } from './process-run.js';
import type { SourceLimits } from './source-configuration.js';
import type { SourceError } from './slurm-source.js';

/** Where Slurm's commands are run. */
export interface CommandTransport {
  /** For messages, after the command: ` on this machine`, ` on login by ssh`. */
  readonly place: string;
  run(command: PlacedCommand): Promise<ProcessEnd>;
  /** What a process that ended itself, not well, says about the way to the machine; null where it says nothing about it. */
  failure(end: ProcessEnd): SourceError | null;
  close(): Promise<void>;
}

export interface PlacedCommand {
  words: readonly string[];
  /** For this command, beside those that are configured. */
  environment: Readonly<Record<string, string>>;
  limits: SourceLimits;
  signal: AbortSignal;
  consume: (chunk: Uint8Array) => void | Promise<void>;
}
