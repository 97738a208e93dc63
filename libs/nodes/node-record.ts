import { type FieldError, fieldError } from '#libs/common';
import { isJsonObject, type JsonObject } from '#libs/json';

/**
 * Checks one node of an import: `{slurm: {cluster_name, name, …}}`. Its `cw` is worked out anew.
 * @returns its `slurm` part, or what is wrong with which field
 */
export function nodeSlurmPart(record: JsonObject): JsonObject | FieldError {
  const slurm = record.get('slurm');
  if (!isJsonObject(slurm)) return fieldError('slurm', 'it must be an object');
  const cluster = slurm.get('cluster_name');
  // As for jobs: a comma would part it in two in the `cluster_name` filter.
  if (typeof cluster !== 'string' || !/^[^,\0]+$/.test(cluster)) {
    return fieldError('slurm.cluster_name', 'it must be a text, not empty and without commas');
  }
  const name = slurm.get('name');
  if (typeof name !== 'string' || name === '') return fieldError('slurm.name', 'it must be a text, not empty');
  const gres = slurm.get('gres') ?? null;
  if (gres !== null && typeof gres !== 'string') return fieldError('slurm.gres', 'it must be a text or null');
  return slurm;
}
