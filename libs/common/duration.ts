const SECONDS_OF_UNIT = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Milliseconds of a duration such as `90d` (units s, m, h, d, w); null where it is none. */
export function durationMs(text: string): number | null {
  const [, number, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) return null;
  return Number(number) * SECONDS_OF_UNIT[unit as keyof typeof SECONDS_OF_UNIT] * 1000;
}
