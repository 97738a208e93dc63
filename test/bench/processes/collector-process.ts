import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { LEAN_NODE_OPTIONS } from '#libs/common';
import type { CycleReport } from '../../../apps/collector/cluster-cycle.ts';
import { squeueDocument, type QueueMoment, type SlurmVersion } from '../data/squeue-document.ts';
import { AskedProcess } from './asked-process.ts';

const PROGRAM = fileURLToPath(new URL('collector.main.ts', import.meta.url));
const NODES = new URL('../../../fixtures/slurm-24.11/scontrol-show-node.json', import.meta.url);

/** What one cycle came to. */
export interface Cycle {
  ms: number;
  /** null: it was not told to read. */
  report: CycleReport | null;
}

/** How many jobs were read and what became of them. */
export interface CycleJobs {
  ms: number;
  jobs: Readonly<Record<string, number>>;
}

/** The collector in a process of its own, reading one cluster whose commands print what is in files. */
export class CollectorProcess {
  private readonly directory: string;
  private readonly process: AskedProcess<Cycle>;

  private constructor(directory: string, process: AskedProcess<Cycle>) {
    this.directory = directory;
    this.process = process;
  }

  /** @param directory for the commands, what they print, and the file that describes the cluster */
  static async start(mongodbUri: string, directory: string, version: SlurmVersion): Promise<CollectorProcess> {
    await mkdir(directory, { recursive: true });
    const nodes = version === '22.05' ? 'sinfo' : 'scontrol';
    await Promise.all([
      command(
        directory,
        'squeue',
        `[ "$1" = --version ] && exec echo slurm ${version}.5\nexec cat ${directory}/jobs.json`,
      ),
      command(directory, nodes, `exec cat ${fileURLToPath(NODES)}`),
      command(directory, 'sacct', `echo '{"meta": {}, "errors": [], "jobs": []}'`),
    ]);
    const clusters = join(directory, 'clusters.yaml');
    await writeFile(clusters, clusterFile(directory));
    const env = { ...process.env, MONGODB_URI: mongodbUri, CLOCKWORK_CLUSTERS: clusters, LOG_LEVEL: 'warn' };
    const collector = new CollectorProcess(directory, new AskedProcess(PROGRAM, [], env, LEAN_NODE_OPTIONS));
    await collector.process.ask('ready');
    return collector;
  }

  get pid(): number {
    return this.process.pid;
  }

  /** What squeue prints from now on. @returns its bytes */
  async show(queue: QueueMoment): Promise<number> {
    const file = createWriteStream(join(this.directory, 'jobs.next'));
    await pipeline(Readable.from(squeueDocument(queue)), file);
    await rename(file.path, join(this.directory, 'jobs.json'));
    return file.bytesWritten;
  }

  /** @throws where anything in it failed, or not all jobs were read */
  async cycle(jobs: number): Promise<CycleJobs> {
    const { ms, report } = await this.process.ask('cycle');
    if (report?.failures.length !== 0 || report.jobs?.['read'] !== jobs) {
      throw new Error(`a cycle over ${jobs} jobs went wrong: ${JSON.stringify(report)}`);
    }
    return { ms, jobs: report.jobs };
  }

  stop(): Promise<void> {
    return this.process.stop();
  }
}

async function command(directory: string, name: string, script: string): Promise<void> {
  await writeFile(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function clusterFile(directory: string): string {
  return `clusters:
  - name: bench
    account_kind: mila
    time_zone: America/Toronto
    time_limit: 10m
    command:
      prefix: [env, "PATH=${directory}:/usr/bin:/bin"]
`;
}
