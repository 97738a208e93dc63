import type { AccountingColumn } from './accounting-columns.js';

/** How many delimiters may stand in the texts of one row. */
export const MOST_EXTRA = 64;

/** The values of a row by column; `several` where more than one division makes sense, `none` where none does. */
export type Division = readonly string[] | 'none' | 'several';

/**
 * Divides what stands between the delimiters of a row of `sacct -P` among its columns: a text that somebody wrote may hold
 * delimiters. What the other columns can hold tells where it ends.
 */
export function divideRow(parts: readonly string[], columns: readonly AccountingColumn[], delimiter: string): Division {
  const extra = parts.length - columns.length;
  if (extra < 0 || extra > MOST_EXTRA) return 'none';
  if (extra === 0) return columns.every((column, at) => fits(column, parts[at] ?? '')) ? parts : 'none';
  // From the last column to the first: in how many ways (two are as good as many) the columns from here on take all parts, where
  // those in front have taken `taken` parts more than they are.
  const ways: number[][] = [Array.from({ length: extra + 1 }, (_, taken) => (taken === extra ? 1 : 0))];
  for (const [at, column] of [...columns.entries()].reverse()) {
    const next = ways[0] ?? [];
    ways.unshift(
      next.map((_, taken) => {
        if (!fits(column, parts[at + taken] ?? '')) return 0;
        return column.free
          ? Math.min(
              2,
              next.slice(taken).reduce((sum, more) => sum + more, 0),
            )
          : (next[taken] ?? 0);
      }),
    );
  }
  const found = ways[0]?.[0] ?? 0;
  if (found !== 1) return found === 0 ? 'none' : 'several';
  let taken = 0;
  return columns.map((_, at) => {
    const from = at + taken;
    taken = (ways[at + 1] ?? []).findIndex((way, more) => more >= taken && way > 0);
    return parts.slice(from, at + taken + 1).join(delimiter);
  });
}

function fits({ free, pattern }: AccountingColumn, value: string): boolean {
  return free || pattern.test(value);
}
