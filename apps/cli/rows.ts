import type { PlainJson } from '#libs/json';

export type Row = Record<string, PlainJson | Date>;

/** Prints rows: a table where a person looks, else one JSON object a line, times as ISO 8601 in UTC. */
export function printRows(rows: readonly Row[], columns: readonly string[]): void {
  if (!process.stdout.isTTY) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
    return;
  }
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, at) => lines.reduce((most, line) => Math.max(most, line[at]?.length ?? 0), 0));
  for (const line of lines) {
    process.stdout.write(
      `${line
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

/** A name may hold anything, but moves no cursor. */
function cell(value: PlainJson | Date | undefined): string {
  return plainText(value).replace(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function plainText(value: PlainJson | Date | undefined): string {
  if (value === null || value === undefined) return '-';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.join(',') || '(none)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
