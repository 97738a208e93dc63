import { isFieldError } from '#libs/common';
import type { ClusterConfiguration } from '#libs/clusters';
import {
  type JobRecord,
  jobPhase,
  type NodeRecord,
  openSource,
  SourceError,
  type SlurmSource,
  type SourceReading,
} from '#libs/slurm';
import { inputOf, nodePartOf } from './job-inputs.js';
import { isJobLeftOut, isNodeLeftOut } from './left-out.js';

/** What is asked of accounting, to see whether it answers. */
const ACCOUNTING_SECONDS = 3_600;
/** Of what could not be taken, so many are told. */
const MOST_TOLD = 5;

/** What trying one cluster has shown: lines for an administrator, and whether all is well. */
export interface ClusterCheck {
  ok: boolean;
  lines: string[];
}

/** Asks a cluster once what a cycle asks, and writes nothing. */
export async function checkCluster(cluster: ClusterConfiguration, signal: AbortSignal): Promise<ClusterCheck> {
  const source = openSource(cluster.source, cluster.limits, cluster);
  const check: ClusterCheck = { ok: true, lines: [`${cluster.name}: ${source.description}`] };
  try {
    if (await part(check, 'jobs', () => jobLine(cluster, source, signal))) {
      await part(check, 'nodes', () => nodeLine(cluster, source, signal));
    }
    await part(check, 'accounting', () => accountingLine(source, signal));
  } finally {
    await source.close();
  }
  return check;
}

/** @returns whether it went well */
async function part(check: ClusterCheck, name: string, ask: () => Promise<string[]>): Promise<boolean> {
  try {
    const [first = '', ...more] = await ask();
    check.lines.push(`  ${name}: ${first}`, ...more.map((line) => `    ${line}`));
    return true;
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (error.kind === 'no_accounting') {
      check.lines.push(
        `  ${name}: none. ${error.message} A job that slurmctld forgets before it was seen to end will have the phase unknown.`,
      );
      return true;
    }
    check.ok = false;
    check.lines.push(`  ${name}: FAILED. ${error.message}`);
    return false;
  }
}

async function jobLine(cluster: ClusterConfiguration, source: SlurmSource, signal: AbortSignal): Promise<string[]> {
  const phases = new Map<string, number>();
  const people = new Set<string>();
  const refused: string[] = [];
  let leftOut = 0;
  const reading = await source.jobs((records: readonly JobRecord[]) => {
    for (const record of records) {
      if (isJobLeftOut(record, cluster.leaveOut)) {
        leftOut += 1;
        continue;
      }
      const input = inputOf(record, cluster);
      if (isFieldError(input)) {
        refused.push(`job ${record.jobId} cannot be stored: ${input.field}: ${input.message}`);
        continue;
      }
      const { phase } = jobPhase(record.state, record.stateFlags);
      phases.set(phase, (phases.get(phase) ?? 0) + 1);
      if (record.userName !== null) people.add(record.userName);
    }
  }, signal);
  const counts = [...phases].sort().map(([phase, count]) => `${count} ${phase}`);
  return [
    `${reading.records} of ${people.size} accounts (${[...counts, ...(leftOut > 0 ? [`${leftOut} left out`] : [])].join(', ') || 'none'}), ${took(reading)}`,
    ...skippedLines(reading, refused),
    ...(reading.records === 0 ? ['An empty reading ends no job: it may be that the cluster is idle.'] : []),
  ];
}

async function nodeLine(cluster: ClusterConfiguration, source: SlurmSource, signal: AbortSignal): Promise<string[]> {
  const partitions = new Set<string>();
  const gres = new Set<string>();
  const refused: string[] = [];
  let kept = 0;
  const reading = await source.nodes((records: readonly NodeRecord[]) => {
    for (const record of records) {
      if (isNodeLeftOut(record, cluster.leaveOut)) continue;
      const node = nodePartOf(record, cluster);
      if (isFieldError(node)) refused.push(`node ${record.name} cannot be stored: ${node.field}: ${node.message}`);
      else kept += 1;
      for (const partition of record.partitions) partitions.add(partition);
      if (record.gres !== null) gres.add(record.gres);
    }
  }, signal);
  return [
    `${kept} in the partitions ${[...partitions].sort().join(', ') || '(none)'}, ${took(reading)}`,
    ...(gres.size === 0
      ? ['none of them has generic resources: no GPUs']
      : [`resources: ${[...gres].sort().slice(0, 20).join('; ')}`]),
    ...skippedLines(reading, refused),
  ];
}

async function accountingLine(source: SlurmSource, signal: AbortSignal): Promise<string[]> {
  const now = Math.floor(Date.now() / 1000);
  const reading = await source.accounting({ from: now - ACCOUNTING_SECONDS, to: now }, () => undefined, signal);
  return [`${reading.records} runs of jobs in the last hour, ${took(reading)}`, ...skippedLines(reading, [])];
}

function took({ milliseconds, bytes, slurmVersion }: SourceReading): string {
  const version = slurmVersion === null ? '' : `, Slurm ${slurmVersion}`;
  return `read in ${(milliseconds / 1000).toFixed(2)} s, ${(bytes / 1024).toFixed(0)} KiB${version}`;
}

function skippedLines({ skippedCount, skipped }: SourceReading, refused: readonly string[]): string[] {
  const unreadable = skipped.map(
    ({ id, index, field, reason }) => `${id ?? `number ${index + 1}`}: ${field} ${reason}`,
  );
  const lines = [...unreadable, ...refused];
  const count = skippedCount + refused.length;
  if (count === 0) return [];
  return [
    `${count} could not be taken, and cost the others nothing:`,
    ...lines.slice(0, MOST_TOLD).map((line) => `  ${line}`),
  ];
}
