import { type Figure, type Goal, isMet, spreadOfFigure, type Unit } from '../figure.ts';
import { thousands } from '../thousands.ts';
import type { Spread } from '../statistics.ts';

export const HEADINGS = ['Figure', 'Goal', 'Measured', 'Lowest to highest', 'Met'] as const;

/** The cells of a figure's line, under the headings. */
export function cells(figure: Figure): string[] {
  const spread = spreadOfFigure(figure);
  return [
    figure.title,
    goalText(figure.goal, figure.unit),
    spread === null ? (figure.reason ?? '') : quantity(spread.median, figure.unit),
    spread === null ? '' : rangeText(spread, figure),
    metText(figure),
  ];
}

function goalText(goal: Goal | null, unit: Unit): string {
  if (goal === null) return '';
  return 'atLeast' in goal ? `≥ ${quantity(goal.atLeast, unit)}` : `≤ ${quantity(goal.atMost, unit)}`;
}

function rangeText({ min, max }: Spread, { samples, unit }: Figure): string {
  return samples.length === 1 ? '' : `${quantity(min, unit)} to ${quantity(max, unit)}`;
}

function metText(figure: Figure): string {
  const met = isMet(figure);
  if (met === null) return '';
  return met ? 'yes' : 'no';
}

/** Three digits, more only before the point. */
export function quantity(value: number, unit: Unit): string {
  if (unit === '%') return `${digits(value * 100)} %`;
  return `${digits(value)} ${unit}`;
}

function digits(value: number): string {
  const decimals = value === 0 ? 0 : Math.min(Math.max(2 - Math.floor(Math.log10(Math.abs(value))), 0), 4);
  const [whole = '', fraction] = value.toFixed(decimals).split('.');
  const grouped = thousands(whole);
  const shown = fraction?.replace(/0+$/, '') ?? '';
  return shown === '' ? grouped : `${grouped}.${shown}`;
}
