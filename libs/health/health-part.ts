/** From well to worst; `unknown` is what could not be looked at. */
export const STATUSES = ['ok', 'unknown', 'degraded', 'failing'] as const;
export type Status = (typeof STATUSES)[number];
/** Of all parts together: what is not known is not well. */
export const OVERALL = ['ok', 'degraded', 'failing'] as const;
export type Overall = (typeof OVERALL)[number];

/** In the order in which they are shown. */
export const PARTS = ['database', 'disk', 'cluster', 'lease', 'process', 'event_loop', 'queues'] as const;
export type Part = (typeof PARTS)[number];

/** `share`: of 1. */
export const UNITS = ['ms', 's', 'bytes', 'share', 'count'] as const;

export interface Measured {
  value: number | string | boolean | null;
  /** Null of what is no amount. */
  unit: (typeof UNITS)[number] | null;
}

/** What a look at one part has found. */
export interface Finding {
  part: Part;
  /** Which one, where there may be several: a cluster, a process. */
  about: string | null;
  status: Status;
  /** How it is, in words. */
  message: string;
  /** What to do; null where nothing is to be done. */
  advice: string | null;
  measured: Record<string, Measured>;
  /** When it came to this status, where what was looked at tells. */
  since?: Date;
}

export interface HealthPart extends Finding {
  since: Date;
}

/** A part's status, without what makes it up. */
export type KnownStatus = Pick<HealthPart, 'part' | 'about' | 'status' | 'since'>;

export interface HealthReport {
  status: Overall;
  checked_at: Date;
  parts: HealthPart[];
}

export function overallOf(parts: readonly Pick<Finding, 'status'>[]): Overall {
  const worst = Math.max(0, ...parts.map(({ status }) => STATUSES.indexOf(status)));
  if (worst === 0) return 'ok';
  return worst === STATUSES.indexOf('failing') ? 'failing' : 'degraded';
}

export const count = (value: number): Measured => ({ value, unit: 'count' });
/** To a tenth. */
export const milliseconds = (value: number): Measured => ({ value: Math.round(value * 10) / 10, unit: 'ms' });
/** To a tenth, of milliseconds. */
export const seconds = (ms: number): Measured => ({ value: Math.round(ms / 100) / 10, unit: 's' });
export const bytes = (value: number): Measured => ({ value, unit: 'bytes' });
export const share = (value: number): Measured => ({ value: Math.round(value * 1000) / 1000, unit: 'share' });
export const said = (value: string | boolean | null): Measured => ({ value, unit: null });
export const time = (value: Date | null): Measured => said(value?.toISOString() ?? null);
