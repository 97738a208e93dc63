import type { IncomingMessage } from 'node:http';
import { BSON } from 'mongodb';
import { badRequest, decodePairs, type Pairs, Problem, quote, readBody, readUtf8, singleValues } from '#libs/common';
import {
  isInteger,
  isJsonObject,
  jsonEqual,
  type JsonObject,
  JsonSyntaxError,
  type JsonValue,
  readJson,
} from '#libs/json';
import { normalJobId } from './job-id.js';
import { depthOf, mergedDictTooLarge, MOST_DICT_BYTES, MOST_DICT_DEPTH } from './user-dict-limits.js';

/** What an update of a user dict is told, wherever each part stood. */
export interface UpdateArguments {
  jobId: string;
  clusters: string[] | undefined;
  pairs: JsonObject;
}

const MOST_BODY_BYTES = 8 * 1024 * 1024;
/** A body of more levels is refused whole; the limit of the dict in it is told in its own words. */
const MOST_BODY_DEPTH = 100;
const KNOWN = new Set(['job_id', 'cluster_name', 'update_pairs']);

/** The arguments of one place, checked each by itself. */
interface Given {
  job_id?: string;
  cluster_name?: string;
  update_pairs?: JsonObject;
}

/**
 * Reads `job_id`, `cluster_name` and `update_pairs` from the query string, a JSON body or a form body. The same
 * argument in two places must be equal.
 * @throws Problem 400, 413 or 415
 */
export async function readUpdateArguments(request: IncomingMessage): Promise<UpdateArguments> {
  const queryString = request.url?.split('?').slice(1).join('?') ?? '';
  const inQuery = fromPairs(decodePairs(queryString));
  const inBody = await fromBody(request);
  const jobId = agreed('job_id', inQuery.job_id, inBody.job_id, (a, b) => a === b);
  const clusterName = agreed('cluster_name', inQuery.cluster_name, inBody.cluster_name, (a, b) => a === b);
  const pairs = agreed('update_pairs', inQuery.update_pairs, inBody.update_pairs, jsonEqual);
  if (jobId === undefined) throw badRequest('job_id: is needed: the job id as defined by Slurm.');
  if (pairs === undefined) throw badRequest('update_pairs: is needed: an object of what to update in the user dict.');
  const clusters = clusterName?.split(',');
  if (clusters?.includes('') === true) {
    throw badRequest(`cluster_name: has an empty item between its commas (${quote(clusterName ?? '')}).`);
  }
  return { jobId, clusters, pairs };
}

function agreed<T>(name: string, inQuery: T | undefined, inBody: T | undefined, equal: (a: T, b: T) => boolean) {
  if (inQuery !== undefined && inBody !== undefined && !equal(inQuery, inBody)) {
    throw badRequest(`${name}: was given in the query string and in the body, with different values.`);
  }
  return inQuery ?? inBody;
}

function fromPairs(pairs: Pairs): Given {
  const values = singleValues(pairs, KNOWN);
  return given(values.get('job_id'), values.get('cluster_name'), values.get('update_pairs'));
}

async function fromBody(request: IncomingMessage): Promise<Given> {
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const bytes = await readBody(request, MOST_BODY_BYTES);
  if (bytes.length === 0) return {};
  switch (mediaType) {
    case 'application/json':
      return fromJsonBody(bytes);
    case 'application/x-www-form-urlencoded':
      return fromPairs(decodePairs(bytes.toString('latin1')));
    default:
      throw new Problem(
        415,
        `The body must be application/json or application/x-www-form-urlencoded, as its Content-Type must say; it ${
          mediaType === undefined ? 'has none' : `says ${quote(mediaType)}`
        }.`,
      );
  }
}

function fromJsonBody(bytes: Buffer): Given {
  const repeated = new Set<string>();
  const body = parse('body', readUtf8(bytes), MOST_BODY_DEPTH, (key) => repeated.add(key));
  if (!isJsonObject(body)) throw badRequest('body: must be a JSON object with job_id, cluster_name and update_pairs.');
  for (const name of KNOWN) if (repeated.has(name)) throw badRequest(`${name}: was given more than once.`);
  const jobId = body.get('job_id') ?? undefined;
  const clusterName = body.get('cluster_name') ?? undefined;
  return given(
    isInteger(jobId) ? jobId.toString() : textOf('job_id', jobId),
    textOf('cluster_name', clusterName),
    body.get('update_pairs') ?? undefined,
  );
}

function textOf(name: string, value: JsonValue | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw badRequest(`${name}: must be a text, not an object, a list or another kind of value.`);
}

function given(jobId: string | undefined, clusterName: string | undefined, pairs: JsonValue | undefined): Given {
  for (const [name, value] of Object.entries({ job_id: jobId, cluster_name: clusterName, update_pairs: pairs })) {
    if (value === '') throw badRequest(`${name}: was given, but is empty. Leave it out to not use it.`);
  }
  for (const [name, value] of Object.entries({ job_id: jobId, cluster_name: clusterName })) {
    if (value?.includes('\0') === true) throw badRequest(`${name}: holds a NUL character.`);
  }
  return {
    ...(jobId === undefined ? {} : { job_id: normalJobId(jobId) }),
    ...(clusterName === undefined ? {} : { cluster_name: clusterName }),
    ...(pairs === undefined ? {} : { update_pairs: updatePairs(pairs) }),
  };
}

function updatePairs(value: JsonValue): JsonObject {
  const pairs = typeof value === 'string' ? parse('update_pairs', value, MOST_BODY_DEPTH) : value;
  if (!isJsonObject(pairs)) throw badRequest('update_pairs: must be a JSON object, or a string that holds one.');
  if (depthOf(pairs) > MOST_DICT_DEPTH) {
    throw badRequest(`update_pairs: may be at most ${MOST_DICT_DEPTH} levels deep, the dict itself being the first.`);
  }
  // The merged dict holds all of them. More than the server takes in one command would fail there as an error of ours.
  if (BSON.calculateObjectSize(pairs) > MOST_DICT_BYTES) {
    throw mergedDictTooLarge();
  }
  return pairs;
}

function parse(name: string, text: string, maxDepth: number, onRepeatedKey?: (key: string) => void): JsonValue {
  try {
    return readJson(text, { maxDepth, ...(onRepeatedKey === undefined ? {} : { onRepeatedKey }) });
  } catch (error) {
    throw error instanceof JsonSyntaxError ? badRequest(`${name}: ${error.message}.`) : error;
  }
}
