import { isFieldError } from '#libs/common';
import { type JobInput, jobInput } from '#libs/jobs';
import { fromPlainJson, type JsonObject, type PlainJson } from '#libs/json';

/** A record of Slurm's as the collector hands it over. */
export function jobInputOf(
  slurm: Readonly<Record<string, PlainJson>>,
  identity?: NonNullable<JobInput['identity']>,
): JobInput {
  const input = jobInput(fromPlainJson({ slurm }) as JsonObject);
  if (isFieldError(input)) throw new Error(`${input.field}: ${input.message}`);
  return identity === undefined ? input : { ...input, identity };
}
