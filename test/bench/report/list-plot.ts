import type { Figure } from '../figure.ts';
import { spreadOfFigure } from '../figure.ts';
import { quantity } from './wording.ts';

const WIDTH = 760;
const ROW = 44;
const TOP = 52;
const LABELS = 210;
const VALUES = 130;
const BAR = 22;

/** Colours that can be told apart on white and on black, and by people who see no red or green. */
const STYLE = `
    text { font: 14px system-ui, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; }
    .bar { fill: #8c959f; }
    .ours { fill: #0969da; }
    .spread { stroke: #1f2328; stroke-width: 1.5; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .bar { fill: #6e7681; }
      .ours { fill: #58a6ff; }
      .spread { stroke: #e6edf3; }
    }`;

/** Jobs a second of the whole list as bars, with the lowest and the highest round; null where they were not taken. */
export function listPlot(figures: readonly Figure[]): string | null {
  const rates = figures.filter(({ unit, reason }) => unit === 'jobs/s' && reason === null);
  const [first] = rates;
  if (first === undefined) return null;
  const most = Math.max(...rates.map((rate) => spreadOfFigure(rate)?.max ?? 0));
  const scale = (WIDTH - LABELS - VALUES) / most;
  const [what = ''] = first.title.split(', ');
  const height = TOP + rates.length * ROW;
  const rows = rates.map((rate, index) => row(rate, TOP + index * ROW, scale));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
  <title id="title">Jobs a second, ${what}</title>
  <style>${STYLE}
  </style>
  <text class="title" x="8" y="26">Jobs a second, ${what}</text>
${rows.join('\n')}
</svg>
`;
}

function row(rate: Figure, y: number, scale: number): string {
  const { median, min, max } = spreadOfFigure(rate) ?? { median: 0, min: 0, max: 0 };
  const label = rate.title.split(', ')[1] ?? rate.title;
  const middle = y + BAR / 2;
  const x = (value: number) => (LABELS + value * scale).toFixed(1);
  return `  <text x="8" y="${middle + 5}">${label}</text>
  <rect class="bar${label === 'Clockwork' ? ' ours' : ''}" x="${LABELS}" y="${y}" width="${(median * scale).toFixed(1)}" height="${BAR}" rx="2"/>
  <line class="spread" x1="${x(min)}" y1="${middle}" x2="${x(max)}" y2="${middle}"/>
  <text x="${(Number(x(max)) + 10).toFixed(1)}" y="${middle + 5}">${quantity(median, rate.unit)}</text>`;
}
