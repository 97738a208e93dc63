import { commandEnvironment } from './command-environment.js';
import type { CommandTransport, PlacedCommand } from './command-transport.js';
import { runProcess, type ProcessEnd } from './process-run.js';
import type { CommandSource } from './source-configuration.js';

/** This machine. */
export class LocalTransport implements CommandTransport {
  readonly place = 'on this machine';
  readonly #source: CommandSource;

  constructor(source: CommandSource) {
    this.#source = source;
  }

  run({ words, environment, limits, signal, consume }: PlacedCommand): Promise<ProcessEnd> {
    return runProcess({
      argv: [...this.#source.prefix, ...words],
      environment: commandEnvironment({ ...environment, ...this.#source.environment }),
      limits,
      signal,
      consume,
    });
  }

  failure(): null {
    return null;
  }

  async close(): Promise<void> {
    // Nothing outlives a question.
  }
}
