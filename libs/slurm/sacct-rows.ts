import type { AccountingColumn } from './accounting-columns.js';

/** How many ways of dividing one row are looked at. */
const MOST_STEPS = 20_000;

/** How many delimiters may stand in its texts. */
const MOST_EXTRA = 1000;

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
  return new Divider(parts, columns, delimiter).divide();
}

function fits({ free, pattern }: AccountingColumn, value: string): boolean {
  return free || pattern.test(value);
}

class Divider {
  private readonly found: string[][] = [];
  private readonly values: string[] = [];
  private steps = 0;

  constructor(
    private readonly parts: readonly string[],
    private readonly columns: readonly AccountingColumn[],
    private readonly delimiter: string,
  ) {}

  divide(): Division {
    this.place(0, 0);
    const [only, another] = this.found;
    if (this.steps >= MOST_STEPS || another !== undefined) return 'several';
    return only ?? 'none';
  }

  /** Gives the parts from `part` on to the columns from `column` on, in every way that fits, until two were found. */
  private place(column: number, part: number): void {
    const asked = this.columns[column];
    const spare = this.parts.length - part - (this.columns.length - column);
    if (asked === undefined) {
      if (spare === 0) this.found.push([...this.values]);
      return;
    }
    for (let more = 0; more <= (asked.free ? spare : 0); more += 1) {
      this.steps += 1;
      if (this.found.length > 1 || this.steps >= MOST_STEPS) return;
      const value = this.parts.slice(part, part + more + 1).join(this.delimiter);
      if (!fits(asked, value)) continue;
      this.values.push(value);
      this.place(column + 1, part + more + 1);
      this.values.pop();
    }
  }
}
