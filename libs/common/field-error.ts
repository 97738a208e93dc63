/** What is wrong with one field of a record: `slurm.job_id: it must be …`. */
export interface FieldError {
  field: string;
  message: string;
}

export function fieldError(field: string, message: string): FieldError {
  return { field, message };
}

export function isFieldError(value: object): value is FieldError {
  return 'field' in value && 'message' in value;
}
