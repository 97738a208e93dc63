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
export type FieldTable<Field extends string> = Readonly<Record<Field, readonly CompiledPath[]>>;

interface CompiledPath {
  path: string;
  /** The only name of the path, which most have; null for a nested one. */
  name: string | null;
  names: readonly string[];
}

export function fieldTable<Field extends string>(paths: FieldPaths<Field>): FieldTable<Field> {
  const compiled = Object.entries<readonly string[]>(paths).map(([field, of]) => [field, of.map(compile)]);
  return Object.fromEntries(compiled) as FieldTable<Field>;
}

function compile(path: string): CompiledPath {
  const names = path.split('.');
  return { path, name: names.length === 1 ? path : null, names };
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

  private valueOf(field: Field): unknown {
    for (const path of this.table[field]) {
      const value = this.at(path);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  private pathOf(field: Field): string {
    const paths = this.table[field];
    return (paths.find((path) => this.at(path) !== undefined) ?? paths[0])?.path ?? field;
  }

  /** None of the names in use is one that every object inherits, so that a plain look-up finds what the document has. */
  private at({ name, names }: CompiledPath): unknown {
    return name !== null ? this.record[name] : names.reduce<unknown>(member, this.record);
  }
}
