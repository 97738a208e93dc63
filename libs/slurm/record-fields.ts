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

/** One record of a document, read by the names of our fields. */
export class RecordFields<Field extends string> {
  constructor(
    private readonly record: unknown,
    private readonly paths: FieldPaths<Field>,
  ) {
    if (!isJsonObject(record)) throw new UnreadableField('', WrongShape.expected('an object', record).message);
  }

  /** Throws {@link UnreadableField} where `convert` throws {@link WrongShape}. An absent value is undefined. */
  read<T>(field: Field, convert: (value: unknown) => T): T {
    const { path, value } = this.find(field);
    try {
      return convert(value);
    } catch (error) {
      if (error instanceof WrongShape) throw new UnreadableField(path, error.message);
      throw error;
    }
  }

  /** As {@link read}, for a field without which there is no record. */
  need<T>(field: Field, convert: (value: unknown) => T | null): T {
    const result = this.read(field, convert);
    if (result === null) throw new UnreadableField(this.find(field).path, 'is missing');
    return result;
  }

  private find(field: Field): { path: string; value: unknown } {
    const paths = this.paths[field];
    for (const path of paths) {
      // Most paths are one name; tens of thousands of jobs have forty each.
      const value = path.includes('.') ? path.split('.').reduce(member, this.record) : member(this.record, path);
      if (value !== undefined) return { path, value };
    }
    return { path: paths[0] ?? field, value: undefined };
  }
}
