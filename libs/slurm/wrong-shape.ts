/** A value is not of the shape that Slurm gives it; the message continues a sentence that begins with the field's name. */
export class WrongShape extends Error {
  static expected(what: string, value: unknown): WrongShape {
    return new WrongShape(`is ${describe(value)}, not ${what}`);
  }
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return 'a text';
  if (typeof value === 'number') return `the number ${value}`;
  return `a ${typeof value}`;
}
