import type { EnvironmentReader } from './environment-reader.js';

/** What the collector archives by itself. */
export interface ArchiveConfiguration {
  /** Finished jobs are archived so long after their end; null: not by themselves. */
  afterMs: number | null;
  /** Archived jobs are deleted so long after their end; null: never. */
  keptMs: number | null;
}

const RANGE = { from: '1d', to: '9999d' };

export function readArchive(reader: EnvironmentReader): ArchiveConfiguration {
  const afterMs = optional(reader, 'CLOCKWORK_ARCHIVE_AFTER', '365d');
  const keptMs = optional(reader, 'CLOCKWORK_ARCHIVE_KEEP', '3650d');
  if (keptMs !== null && afterMs !== null && keptMs <= afterMs) {
    reader.problems.push(
      'CLOCKWORK_ARCHIVE_KEEP counts from the end of a job, as CLOCKWORK_ARCHIVE_AFTER does: it has to be longer.',
    );
  }
  return { afterMs, keptMs };
}

function optional(reader: EnvironmentReader, name: string, example: string): number | null {
  return reader.text(name) === undefined ? null : reader.duration(name, RANGE, example);
}
