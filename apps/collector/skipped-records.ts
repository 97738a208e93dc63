import type { Logger } from 'pino';
import type { SourceReading } from '#libs/slurm';

/** Records that are not told again, once they have been. */
const MOST_TOLD = 10_000;

/** Tells of records that could not be read or stored, each once. */
export class SkippedRecords {
  private readonly told = new Set<string>();

  constructor(
    private readonly cluster: string,
    private readonly logger: Logger,
  ) {}

  unreadable(part: string, { skipped }: SourceReading): void {
    for (const { id, index, field, reason } of skipped) this.tell(part, id ?? `number ${index + 1}`, field, reason);
  }

  refused(part: string, id: string, field: string, reason: string): void {
    this.tell(part, id, field, reason);
  }

  private tell(part: string, id: string, field: string, reason: string): void {
    const key = `${part} ${id} ${field}`;
    if (this.told.has(key) || this.told.size >= MOST_TOLD) return;
    this.told.add(key);
    this.logger.warn({ cluster: this.cluster, part, id, field, reason }, 'a record was skipped');
  }
}
