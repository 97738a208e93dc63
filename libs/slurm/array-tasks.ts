import { slurmText } from './slurm-text.js';

/**
 * The tasks of an array that still wait, as squeue writes them: `2-9%2`, where `%2` is how many may run at once. sacct prints
 * the set as a bitmap in hexadecimal instead (`0x3C0` is 6–9) and the limit in a field of its own, 0 for none.
 */
export function arrayTaskText(value: unknown, limit: number | null): string | null {
  const text = slurmText(value);
  if (text === null || !/^0x[0-9a-f]+$/i.test(text)) return text;
  const ranges = rangesOf(tasksOfBitmap(text.slice(2)));
  if (ranges === '') return null;
  return limit === null || limit === 0 ? ranges : `${ranges}%${limit}`;
}

/** Digit by digit from the right: an array may have millions of tasks, more bits than a number has. */
function tasksOfBitmap(digits: string): number[] {
  const tasks: number[] = [];
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number.parseInt(digits.charAt(digits.length - 1 - place), 16);
    for (let bit = 0; bit < 4; bit += 1) {
      if ((digit >> bit) & 1) tasks.push(place * 4 + bit);
    }
  }
  return tasks;
}

/** `[1, 2, 3, 7]` is `1-3,7`. */
function rangesOf(tasks: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const task of tasks) {
    const open = ranges.at(-1);
    if (open?.last === task - 1) open.last = task;
    else ranges.push({ first: task, last: task });
  }
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}
