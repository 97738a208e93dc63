import type { DocumentReader } from './document-reader.js';
import type { JobRecord } from './job-record.js';
import { JsonReader } from './json-reader.js';
import { JSON_NODE_VALUES, JSON_VALUES } from './json-values.js';
import type { NodeRecord } from './node-record.js';
import { type JobPaths, readJob } from './read-job.js';
import { readNode } from './read-node.js';
import { ACCOUNTING_JSON, CONTROLLER_JSON, NODE_JSON } from './slurm-names.js';

function jobsJson(paths: JobPaths): DocumentReader<JobRecord> {
  return new JsonReader({
    list: 'jobs',
    idMember: 'job_id',
    read: (record) => readJob(record, paths, JSON_VALUES),
    clusterOf: ({ clusterName }) => clusterName,
  });
}

export type JobFormat = 'controller-json' | 'accounting-json';

export function jobReader(format: JobFormat, zone: { timeZone: string }): DocumentReader<JobRecord> {
  void zone;
  return jobsJson(format === 'controller-json' ? CONTROLLER_JSON : ACCOUNTING_JSON);
}

export function nodeReader(): DocumentReader<NodeRecord> {
  return new JsonReader({
    list: 'nodes',
    idMember: 'name',
    hint: 'After Slurm 22.05 `sinfo --json` lists groups instead of nodes; `scontrol show node --json` lists the nodes.',
    read: (record) => readNode(record, NODE_JSON, JSON_NODE_VALUES),
  });
}
