/** Thrown for bytes that are no BSON document: cut off, damaged, or of a type that BSON does not have. */
export class CorruptBsonError extends RangeError {
  override readonly name = 'CorruptBsonError';
}
