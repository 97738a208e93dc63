import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, type FigureGroup, roundsOf } from '../bench.ts';
import { peakDuring, settledBytes } from '../clients/process-statistics.ts';
import type { QueueMoment } from '../data/squeue-document.ts';
import { figure } from '../figure.ts';
import { CollectorProcess } from '../processes/collector-process.ts';
import { interleaved } from '../rounds.ts';
import { thousands } from '../thousands.ts';

const GROUP = 'collector-memory';
const MOST_JOBS = 50_000;
const VERSION = '24.11';
const MIB = 1024 ** 2;

export const collectorMemory: FigureGroup = {
  name: GROUP,
  description: `memory growth of the collector over ${thousands(MOST_JOBS)} jobs`,
  async measure(bench) {
    const jobs = Math.min(MOST_JOBS, bench.options.jobs);
    const title = (cycle: string) => `memory growth of the collector, ${thousands(jobs)} jobs, ${cycle}`;
    const firsts = { title: title('the first cycle'), unit: 'MiB', goal: { atMost: 150 } } as const;
    const nexts = { title: title('the next'), unit: 'MiB', goal: { atMost: 150 } } as const;
    if (process.platform !== 'linux') {
      const reason = 'measured on Linux alone (/proc)';
      return [figure(GROUP, firsts, reason), figure(GROUP, nexts, reason)];
    }
    const later: number[] = [];
    const bytes: number[] = [];
    const measurement = async (): Promise<number> => {
      const { first, next, size } = await growth(bench, jobs);
      later.push(next);
      bytes.push(size);
      return first;
    };
    const { first } = await interleaved(bench.options.rounds, { first: measurement }, roundsOf(bench, GROUP));
    return [
      figure(GROUP, firsts, first),
      figure(GROUP, nexts, later),
      figure(GROUP, { title: title('what squeue prints'), unit: 'MiB' }, bytes),
    ];
  },
};

/** Of a collector that has just started, with nothing in its database; then with one job in a hundred changed. */
async function growth(bench: Bench, jobs: number): Promise<{ first: number; next: number; size: number }> {
  const directory = join(bench.database.directory, GROUP);
  const collector = await CollectorProcess.start(bench.database.uri(GROUP), directory, VERSION);
  try {
    const moment = (at: number): QueueMoment => ({
      version: VERSION,
      layout: 'indented',
      jobs,
      moment: at,
      changedAt: (index) => (index % 100 === 0 ? at : 0),
    });
    const size = await collector.show(moment(0));
    const base = await settledBytes(collector.pid);
    const first = await peakDuring(collector.pid, collector.cycle(jobs));
    await collector.show(moment(1));
    const next = await peakDuring(collector.pid, collector.cycle(jobs));
    return { first: (first - base) / MIB, next: (next - base) / MIB, size: size / MIB };
  } finally {
    await collector.stop();
    await rm(directory, { recursive: true });
    await bench.database.db(GROUP).dropDatabase();
  }
}
