import type { DocumentReader } from './document-reader.js';
import type { JobRecord } from './job-record.js';
import type { KnownTexts } from './known-texts.js';
import type { JobValues } from './job-values.js';
import { JsonReader } from './json-reader.js';
import { ACCOUNTING_JSON_VALUES, JSON_NODE_VALUES, JSON_VALUES } from './json-values.js';
import type { NodeRecord } from './node-record.js';
import { type JobPaths, readJob } from './read-job.js';
import { readNode } from './read-node.js';
import { fieldTable } from './record-fields.js';
import { SacctReader } from './sacct-reader.js';
import { ScontrolReader } from './scontrol-reader.js';
import { scontrolJobs, scontrolNodes } from './scontrol-text.js';
import { ACCOUNTING_JSON, CONTROLLER_JSON, NODE_JSON } from './slurm-names.js';

/** What is printed: by which of Slurm's daemons' clients, as JSON or as text. The version is never asked for. */
export type JobFormat = 'controller-json' | 'accounting-json' | 'controller-text' | 'accounting-text';
export type NodeFormat = 'node-json' | 'node-text';

/** What the text commands were run with. */
export interface TextConventions {
  /** IANA name; the text commands write times of it, unless SLURM_TIME_FORMAT makes them epoch seconds. */
  timeZone: string;
  /**
   * What SLURM_TIME_FORMAT has behind its `%s` (32 bytes in all): letters and digits that nobody knows. `scontrol show job` prints
   * names and comments as they are, so that a user may write a comment that reads like a job; one without this is none.
   */
  timeSuffix?: string;
}

/**
 * A reader of one list of jobs:
 * - `controller-json`: `squeue --json`, `scontrol show job --json`, slurmrestd's `slurm/v0.0.N/jobs`;
 * - `accounting-json`: `sacct --json`, slurmrestd's `slurmdb/v0.0.N/jobs`;
 * - `controller-text`: `scontrol show job`;
 * - `accounting-text`: `sacct -P` with its header, see accountingColumns.
 *
 * `known`: which records need not be read; of `controller-json` alone.
 *
 * Throws RangeError for a zone that IANA does not have.
 */
export function jobReader(
  format: JobFormat,
  { timeZone, timeSuffix = '' }: TextConventions,
  known?: KnownTexts<JobRecord>,
): DocumentReader<JobRecord> {
  switch (format) {
    case 'controller-json':
      return jobsInJson(CONTROLLER_JSON, JSON_VALUES, known);
    case 'accounting-json':
      return jobsInJson(ACCOUNTING_JSON, ACCOUNTING_JSON_VALUES);
    case 'controller-text':
      return new ScontrolReader(scontrolJobs(timeZone, timeSuffix));
    case 'accounting-text':
      return new SacctReader(timeZone, timeSuffix);
  }
}

/**
 * A reader of one list of nodes:
 * - `node-json`: `scontrol show node --json`, 22.05's `sinfo --json`, slurmrestd's `slurm/v0.0.N/nodes`;
 * - `node-text`: `scontrol show node`.
 *
 * It takes what {@link jobReader} takes, and needs none of it: nothing that is read of a node is a time.
 */
export const nodeReader: (format: NodeFormat, conventions: TextConventions) => DocumentReader<NodeRecord> = (format) =>
  format === 'node-json' ? nodesInJson() : new ScontrolReader(scontrolNodes());

function jobsInJson(paths: JobPaths, values: JobValues, known?: KnownTexts<JobRecord>): DocumentReader<JobRecord> {
  const table = fieldTable(paths);
  const kind = {
    list: 'jobs' as const,
    idMember: 'job_id',
    read: (record: unknown) => readJob(record, table, values),
    clusterOf: ({ clusterName }: JobRecord) => clusterName,
  };
  return new JsonReader(kind, known);
}

function nodesInJson(): DocumentReader<NodeRecord> {
  const table = fieldTable(NODE_JSON);
  return new JsonReader({
    list: 'nodes',
    idMember: 'name',
    hint: 'After Slurm 22.05 `sinfo --json` lists groups instead of nodes; `scontrol show node --json` lists the nodes.',
    read: (record) => readNode(record, table, JSON_NODE_VALUES),
  });
}
