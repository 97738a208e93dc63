import { SlurmFormatError } from '../slurm-format-error.js';
import { complaintKind } from './complaint.js';
import type { SlurmErrors } from './slurm-errors.js';
import { SourceError } from './slurm-source.js';

/**
 * For a document that its reader refused; anything else is given back as it is.
 * @param told what stands in the document instead of records
 */
export function unreadable(error: unknown, from: string, told: SlurmErrors | null, alsoSaid = ''): unknown {
  if (!(error instanceof SlurmFormatError)) return error;
  const more = alsoSaid === '' ? '' : ` It also said: ${alsoSaid}`;
  if (told?.told !== true) {
    return new SourceError('unreadable', `${from} gave what cannot be read. ${error.message}${more}`, { cause: error });
  }
  if (told.unspecified) {
    const message = `${from} gave an error alone: ${told.text}. Slurm 22.05 says so where slurmctld does not answer.${more}`;
    return new SourceError('unreachable', message, { cause: error });
  }
  return new SourceError(complaintKind(told.text) ?? 'failed', `${from} gave errors alone: ${told.text}.${more}`, {
    cause: error,
  });
}
