import type { TargetPlace } from '../target.ts';

const JSON_LIBRARY = '/dist/libs/json/';
const SLURM_LIBRARY = '/dist/libs/slurm/[^/]+$';

/** By the name that `--only` takes. */
export const TARGETS: Readonly<Record<string, TargetPlace>> = {
  'bson-bytes': place('bson-bytes', JSON_LIBRARY, 'any bytes to the writer of lists, against a plain model of it'),
  'bson-values': place('bson-values', JSON_LIBRARY, 'documents of any values to the writer of lists'),
  'json-text': place('json-text', JSON_LIBRARY, 'bodies and import files, against JSON.parse, and stored and written'),
  'controller-json': place('controller-json', SLURM_LIBRARY, 'squeue --json and slurmrestd, in any pieces and layouts'),
  'accounting-json': place('accounting-json', SLURM_LIBRARY, 'sacct --json, in any pieces and layouts'),
  'node-json': place('node-json', SLURM_LIBRARY, 'scontrol show node --json, in any pieces and layouts'),
  'controller-text': place('controller-text', SLURM_LIBRARY, 'scontrol show job, in any pieces'),
  'accounting-text': place('accounting-text', SLURM_LIBRARY, 'sacct -P, in any pieces'),
  'node-text': place('node-text', SLURM_LIBRARY, 'scontrol show node, in any pieces'),
  'page-cursor': place('page-cursor', '/dist/libs/lists/page-cursor', 'the cursors of pages'),
  query: place('query', '/dist/libs/(common/(query|url)|jobs/jobs.queries)', 'query strings'),
  authorization: place('authorization', '/dist/libs/auth/api-key-format', 'Authorization headers'),
};

function place(name: string, covers: string, description: string): TargetPlace {
  return { description, module: new URL(`./${name}.ts`, import.meta.url), covers };
}
