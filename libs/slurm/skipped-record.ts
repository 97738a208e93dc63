/** A record of a document that could not be read. */
export interface SkippedRecord {
  /** Its place in the document, from 0. */
  index: number;
  /** The job id or the node's name as printed; null where that is what is missing. */
  id: string | null;
  /** Slurm's own name of the field, a path for a nested one (`time.limit`); empty where the record itself is no object. */
  field: string;
  /** What was wrong with it: `is a string, not a number`. */
  reason: string;
}
