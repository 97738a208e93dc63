import type { Configuration } from '#libs/common';
import { unreachable } from './database-health.js';
import { lookAtDisk } from './disk-health.js';
import { type HealthReport, overallOf, said } from './health-part.js';

/** What can be told where the database could not be opened at all. */
export async function withoutDatabase(
  { mongodbUri, dataDir }: Pick<Configuration, 'mongodbUri' | 'dataDir'>,
  error: Error,
): Promise<HealthReport> {
  const own = mongodbUri === undefined ? dataDir : null;
  const where = { kind: said(own === null ? 'external' : 'embedded') };
  const now = new Date();
  const findings = [unreachable(own, error, where), ...(own === null ? [] : [await lookAtDisk(own)])];
  const parts = findings.map((finding) => ({ ...finding, since: now }));
  return { status: overallOf(parts), checked_at: now, parts };
}
