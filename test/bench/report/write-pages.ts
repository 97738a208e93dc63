import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { isMet, spreadOfFigure } from '../figure.ts';
import { withKeptSection } from './kept-section.ts';
import { listPlot } from './list-plot.ts';
import { type BenchResult, performancePage } from './performance-page.ts';

/** Writes performance.md, its plot, and the same for programs; keeps what is written by hand in the page. */
export async function writePages(directory: string, result: BenchResult): Promise<void> {
  await mkdir(directory, { recursive: true });
  const file = (extension: string) => join(directory, `performance.${extension}`);
  const plot = listPlot(result.figures);
  if (plot !== null) await writeFile(file('svg'), plot);
  const previous = await readFile(file('md'), 'utf8').catch(() => null);
  const page = withKeptSection(performancePage(result, plot !== null), previous);
  await writeFile(file('md'), await formatted(file('md'), page));
  await writeFile(file('json'), await formatted(file('json'), JSON.stringify(forPrograms(result))));
}

function forPrograms({ figures, options, machine }: BenchResult): object {
  const { jobs, rounds, seconds, only } = options;
  return {
    machine,
    options: { jobs, rounds, seconds, only },
    figures: figures.map((figure) => ({ ...figure, ...spreadOfFigure(figure), met: isMet(figure) })),
  };
}

/** As `npm run check` wants it. */
async function formatted(path: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(join('docs', 'performance.md'))), filepath: path });
}
