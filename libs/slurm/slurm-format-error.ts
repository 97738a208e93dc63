/**
 * What Slurm printed cannot be read at all: it is no JSON, not the document that was asked for, or an error alone.
 * The message is a sentence for whoever administers the cluster.
 */
export class SlurmFormatError extends Error {
  override readonly name = 'SlurmFormatError';
}
