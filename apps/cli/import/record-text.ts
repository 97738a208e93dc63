/** The text of one record of an import, found but not yet read. */
export interface RecordText {
  /** Such as `jobs`. */
  part: string;
  /** Its number in the part, from 1. */
  number: number;
  /** Null where it is larger than a record may be. */
  text: Buffer | null;
}

/** The import as a whole is not of the form that it must have; what came before this point has been taken. */
export class ImportFormatError extends Error {
  override readonly name = 'ImportFormatError';
}
