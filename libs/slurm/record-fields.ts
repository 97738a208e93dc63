import { isJsonObject, member } from './json-object.js';
import { WrongShape } from './wrong-shape.js';

/**
 * Where a source keeps the fields of a record. Several paths are one field's names in several versions, the first that is
 * there counts; none is a field that the source does not have.
 */
export type FieldPaths<Field extends string> = Readonly<Record<Field, readonly string[]>>;

/** A field that cannot be read, under the name that Slurm gives it. */
export class UnreadableField extends Error {
  constructor(
    readonly field: string,
    reason: string,
  ) {
    super(reason);
  }
}

/** {@link FieldPaths}, made ready for tens of thousands of records. */
export type FieldTable<Field extends string> = Readonly<Record<Field, CompiledField>>;

interface CompiledField {
  /** The name where the field has no other and is not nested, which most are; null otherwise. */
  only: string | null;
  paths: readonly (readonly string[])[];
}

export function fieldTable<Field extends string>(paths: FieldPaths<Field>): FieldTable<Field> {
  const compiled = Object.entries<readonly string[]>(paths).map(([field, of]) => [field, compile(of)]);
  return Object.fromEntries(compiled) as FieldTable<Field>;
}

function compile(paths: readonly string[]): CompiledField {
  const names = paths.map((path) => path.split('.'));
  const [first, second] = names;
  return { only: second === undefined && first?.length === 1 ? (first[0] ?? null) : null, paths: names };
}

/** One record of a document, read by the names of our fields. */
export class RecordFields<Field extends string> {
  private readonly record: Readonly<Record<string, unknown>>;

  constructor(
    record: unknown,
    private readonly table: FieldTable<Field>,
  ) {
    if (!isJsonObject(record)) throw new UnreadableField('', WrongShape.expected('an object', record).message);
    this.record = record;
  }

  /** Throws {@link UnreadableField} where `convert` throws {@link WrongShape}. An absent value is undefined. */
  read<T>(field: Field, convert: (value: unknown) => T): T {
    try {
      return convert(this.valueOf(field));
    } catch (error) {
      if (error instanceof WrongShape) throw new UnreadableField(this.pathOf(field), error.message);
      throw error;
    }
  }

  /** As {@link read}, for a field without which there is no record. */
  need<T>(field: Field, convert: (value: unknown) => T | null): T {
    const result = this.read(field, convert);
    if (result === null) throw new UnreadableField(this.pathOf(field), 'is missing');
    return result;
  }

  /** None of the names in use is one that every object inherits, so that a plain look-up finds what the document has. */
  private valueOf(field: Field): unknown {
    const { only, paths } = this.table[field];
    if (only !== null) return this.record[only];
    for (const names of paths) {
      const value = this.at(names);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  private pathOf(field: Field): string {
    const { paths } = this.table[field];
    return (paths.find((names) => this.at(names) !== undefined) ?? paths[0])?.join('.') ?? field;
  }

  private at(names: readonly string[]): unknown {
    let value: unknown = this.record;
    for (const name of names) value = member(value, name);
    return value;
  }
}
