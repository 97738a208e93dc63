import { WrongShape } from './wrong-shape.js';

/** A text; null where it is absent or empty, which is how every version prints one that is not set. */
export function slurmText(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string') throw WrongShape.expected('a text', value);
  return value;
}

/** Several words: a list from 23.02 on, one text before. */
export function slurmWords(value: unknown): readonly string[] {
  const words: readonly unknown[] = Array.isArray(value) ? value : [value];
  return words.map((word) => slurmText(word)).filter((word) => word !== null);
}
