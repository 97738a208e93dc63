import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { withKeptSection } from '../../bench/report/kept-section.ts';
import type { CampaignOptions } from '../options.ts';
import type { Promised } from '../support/campaign.ts';
import { keptText } from './promises-table.ts';

export interface CampaignResult {
  promises: readonly Promised[];
  options: CampaignOptions;
}

/** Writes faults.md; keeps what is written by hand in it. */
export async function writePage(directory: string, result: CampaignResult): Promise<void> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'faults.md');
  const previous = await readFile(path, 'utf8').catch(() => null);
  const text = withKeptSection(faultsPage(result), previous);
  const style = await resolveConfig(join('docs', 'faults.md'));
  await writeFile(path, await format(text, { ...style, filepath: path }));
}

function faultsPage({ promises, options }: CampaignResult): string {
  const rows = promises.map(({ scenario, promise, seen, kept }) => [scenario, promise, seen, keptText(kept)]);
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const headings = ['Scenario', 'Promise', 'Seen', ''];
  return `# Faults

Written by \`npm run test:faults -- --output docs\`, which breaks what Clockwork runs on while clients write and read all the
time, and holds every answer against what was acknowledged before it was asked for. To be repeated on any Linux machine.

| Taken on |     |
| -------- | --- |
| Date     | ${new Date().toISOString().slice(0, 10)} |
| Machine  | ${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 1024 ** 3)} GiB of memory |
| Run      | ${options.kills} kills, seed ${options.seed}${options.short ? ', the short form' : ''} |

${[line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n')}
`;
}
