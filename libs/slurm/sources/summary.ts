import type { ReadingSummary } from '../document-reader.js';

const MOST_SKIPPED = 100;

export const NO_RECORDS: ReadingSummary = {
  records: 0,
  skippedCount: 0,
  skipped: [],
  slurmVersion: null,
  clusterName: null,
};

/** Of an answer that came in several documents. */
export function addedSummary(a: ReadingSummary, b: ReadingSummary): ReadingSummary {
  return {
    records: a.records + b.records,
    skippedCount: a.skippedCount + b.skippedCount,
    skipped: [...a.skipped, ...b.skipped].slice(0, MOST_SKIPPED),
    slurmVersion: a.slurmVersion ?? b.slurmVersion,
    clusterName: a.clusterName ?? b.clusterName,
  };
}
