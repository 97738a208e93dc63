import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reading } from '../baselines/repeated-reading.ts';
import type { ReadRecords } from '../baselines/slurm-json.main.ts';
import { AskedProcess } from './asked-process.ts';
import { type ServingProcess, startServing } from './child-process.ts';

const environment = (mongodbUri: string) => ({ ...process.env, MONGODB_URI: mongodbUri });
const program = (name: string) => fileURLToPath(new URL(`../baselines/${name}.main.ts`, import.meta.url));

/** (a) */
export function startPlainService(mongodbUri: string, directory: string): Promise<ServingProcess> {
  return startServing(program('plain-service'), environment(mongodbUri), join(directory, 'plain-service.log'));
}

/** (b) or (c): a process that reads the whole list when told. */
export class ListReader {
  private readonly process: AskedProcess<Reading>;

  private constructor(process: AskedProcess<Reading>) {
    this.process = process;
  }

  static start(name: 'raw-cursor' | 'wire-floor', mongodbUri: string): ListReader {
    return new ListReader(new AskedProcess(program(name), [], environment(mongodbUri)));
  }

  read(): Promise<Reading> {
    return this.process.ask('read');
  }

  stop(): Promise<void> {
    return this.process.stop();
  }
}

/** Our reader or JSON.parse, over what is in a file. */
export function startSlurmJson(side: 'reader' | 'json-parse', file: string): AskedProcess<ReadRecords> {
  return new AskedProcess(program('slurm-json'), [side, file], process.env);
}
