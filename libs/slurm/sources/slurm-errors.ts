import { complaint } from './complaint.js';

/** ESLURM_PROTOCOL_AUTHENTICATION_ERROR of slurm_errno.h: a token that Slurm does not take, among others. */
const AUTHENTICATION_ERROR = 1007;
/** ESLURM_DB_CONNECTION: so slurmrestd tells both a token that slurmdbd does not take and a slurmdbd that is lost. */
const NO_DATABASE = 7000;
/** ESLURM_REST_EMPTY_RESULT, with which 22.05 says that there are no such jobs; later versions have a warning for that. */
const NOTHING_FOUND = 9003;
/** SLURM_ERROR: all that 22.05 says where slurmctld does not answer. */
const UNSPECIFIED = -1;

/** What Slurm tells in the `errors` of a document, or in whatever else came instead of one. */
export interface SlurmErrors {
  /** Whether there are any with a number. */
  told: boolean;
  authentication: boolean;
  noDatabase: boolean;
  nothingFound: boolean;
  unspecified: boolean;
  /** For a message. */
  text: string;
}

/** @param body its beginning: a document of Slurm's, plain text, or the HTML of a proxy */
export function slurmErrors(body: string): SlurmErrors {
  const found = [...body.matchAll(/"(?:error_number|errno)"\s*:\s*(-?\d+)/g)];
  const numbers = new Set(found.map(([, number]) => Number(number)));
  return {
    told: numbers.size > 0,
    authentication: numbers.has(AUTHENTICATION_ERROR),
    noDatabase: numbers.has(NO_DATABASE),
    nothingFound: numbers.has(NOTHING_FOUND),
    unspecified: numbers.has(UNSPECIFIED),
    text: complaint(errorTexts(body) ?? body.replaceAll(/<[^>]*>/g, ' ')),
  };
}

/** What is in `errors`; null where the body is no such document, or was too long to be kept whole. */
function errorTexts(body: string): string | null {
  try {
    const { errors } = JSON.parse(body) as { errors?: unknown };
    if (!Array.isArray(errors)) return null;
    const texts = errors.map((entry: unknown) => {
      const { error, description } = (entry ?? {}) as { error?: unknown; description?: unknown };
      return [...new Set([error, description])].filter((part) => typeof part === 'string' && part !== '').join(': ');
    });
    return texts.join('; ');
  } catch {
    return null;
  }
}
