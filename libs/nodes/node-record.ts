import { type FieldError, fieldError } from '#libs/common';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/json';

/**
 * Checks one node of an import: `{slurm: {cluster_name, name, …}}`. Its `cw` is worked out anew.
 * @returns its `slurm` part, or what is wrong with which field
 */
export function nodeSlurmPart(record: JsonObject): JsonObject | FieldError {
  const slurm = record.get('slurm');
  if (!isJsonObject(slurm)) return fieldError('slurm', 'it must be an object');
  for (const field of ['cluster_name', 'name']) {
    const value: JsonValue | undefined = slurm.get(field);
    if (typeof value !== 'string' || value === '') return fieldError(`slurm.${field}`, 'it must be a text, not empty');
  }
  const gres = slurm.get('gres') ?? null;
  if (gres !== null && typeof gres !== 'string') return fieldError('slurm.gres', 'it must be a text or null');
  return slurm;
}
