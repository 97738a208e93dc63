import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadRecords } from '../baselines/slurm-json.main.ts';
import { type Bench, type FigureGroup, roundsOf } from '../bench.ts';
import { type Layout, LAYOUTS, SLURM_VERSIONS, type SlurmVersion, squeueDocument } from '../data/squeue-document.ts';
import { figure, type Figure } from '../figure.ts';
import type { AskedProcess } from '../processes/asked-process.ts';
import { startSlurmJson } from '../processes/baseline-processes.ts';
import { interleaved } from '../rounds.ts';
import { ratios } from '../statistics.ts';
import { thousands } from '../thousands.ts';

const GROUP = 'parse';
const MOST_JOBS = 20_000;
/** Readings before those that count: V8 compiles the code of each side for speed only when it has run for a while. */
const WARM_UPS = 3;

export const parseSpeed: FigureGroup = {
  name: GROUP,
  description: `reading what squeue prints of ${thousands(MOST_JOBS)} jobs against JSON.parse`,
  async measure(bench) {
    const jobs = Math.min(MOST_JOBS, bench.options.jobs);
    const figures: Figure[] = [];
    for (const version of SLURM_VERSIONS) {
      for (const layout of LAYOUTS) {
        const times = await timesOf(bench, { version, layout, jobs });
        const title = `reading ${thousands(jobs)} jobs of Slurm ${version}, ${layout} JSON, speed against JSON.parse`;
        figures.push(
          figure(GROUP, { title, unit: '×', goal: { atLeast: 0.5 } }, ratios(times.jsonParse, times.reader)),
        );
      }
    }
    return figures;
  },
};

async function timesOf(
  bench: Bench,
  { version, layout, jobs }: { version: SlurmVersion; layout: Layout; jobs: number },
): Promise<Record<'jsonParse' | 'reader', number[]>> {
  const file = join(bench.database.directory, 'squeue.json');
  const document = squeueDocument({ version, layout, jobs, moment: 0, changedAt: () => 0 });
  await pipeline(Readable.from(document), createWriteStream(file));
  const [jsonParse, reader] = [startSlurmJson('json-parse', file), startSlurmJson('reader', file)];
  const measurements = { jsonParse: () => timeOf(jsonParse, jobs), reader: () => timeOf(reader, jobs) };
  const name = `${GROUP} ${version} ${layout}`;
  try {
    await interleaved(WARM_UPS, measurements, () => {
      bench.report(`${name}: warming up`);
    });
    return await interleaved(bench.options.rounds, measurements, roundsOf(bench, name));
  } finally {
    await Promise.all([jsonParse.stop(), reader.stop()]);
    await rm(file);
  }
}

async function timeOf(side: AskedProcess<ReadRecords>, jobs: number): Promise<number> {
  const { ms, records } = await side.ask('read');
  if (records !== jobs) throw new Error(`${records} jobs were read, not ${jobs}`);
  return ms;
}
