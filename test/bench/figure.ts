import { spreadOf, type Spread } from './statistics.ts';

export type Unit = '×' | '%' | 'ms' | 's' | 'MiB' | 'bytes' | 'jobs/s' | 'requests/s';

/** What a figure has to reach. */
export type Goal = { atLeast: number } | { atMost: number };

/** One line of the result: measured, or with the reason why it was not. */
export interface Figure {
  /** Of the measurements that `--only` chooses. */
  group: string;
  title: string;
  unit: Unit;
  /** null: shown beside the others, without anything to reach. */
  goal: Goal | null;
  /** One a round; in the unit's own size (0.02 is 2 %). */
  samples: number[];
  /** null where it was measured. */
  reason: string | null;
}

export interface FigureDescription {
  title: string;
  unit: Unit;
  goal?: Goal | null;
}

/** What a measurement gives: the samples of all rounds, or in words why there are none. */
export type Outcome = readonly number[] | string;

export function figure(group: string, { title, unit, goal = null }: FigureDescription, outcome: Outcome): Figure {
  const reason = typeof outcome === 'string' ? outcome : null;
  return { group, title, unit, goal, samples: typeof outcome === 'string' ? [] : [...outcome], reason };
}

export function spreadOfFigure({ samples, reason }: Figure): Spread | null {
  return reason === null ? spreadOf(samples) : null;
}

/** Whether the median reaches the goal; null where there is no goal or nothing measured. */
export function isMet(figure: Figure): boolean | null {
  const spread = spreadOfFigure(figure);
  if (figure.goal === null || spread === null) return null;
  return 'atLeast' in figure.goal ? spread.median >= figure.goal.atLeast : spread.median <= figure.goal.atMost;
}
