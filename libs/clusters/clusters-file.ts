import { createReadStream } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter } from 'yaml';
import { ConfigurationError, durationMs } from '#libs/common';
import { byteSize } from './byte-size.js';
import { ACCOUNT_KINDS, type AccountKind, type ClusterConfiguration } from './cluster-configuration.js';
import { FileProblems } from './file-problems.js';
import { SOURCE_KINDS, sourceOf } from './source-fields.js';
import { yamlDocument } from './yaml-document.js';
import { YamlValue } from './yaml-value.js';

const MOST_FILE_BYTES = 256 * 1024;
const MOST_CLUSTERS = 64;
/** Names go into a header of answers. */
const MOST_NAME_BYTES = 64;

const CLUSTER_KEYS = [
  'name',
  'account_kind',
  'time_zone',
  'interval',
  'unknown_after',
  'leave_out',
  'time_limit',
  'output_limit',
  ...SOURCE_KINDS,
];
const LEAVE_OUT_KEYS = ['partitions', 'accounts'];

const CLUSTERS = `a list of 1 to ${MOST_CLUSTERS} clusters`;
const A_NAME = `a name of its own for each cluster, of at most ${MOST_NAME_BYTES} bytes and without commas`;
const AN_ACCOUNT_KIND = ACCOUNT_KINDS.join(' or ');
const A_TIME_ZONE = 'an IANA time zone, such as America/Toronto or UTC';

interface Range {
  otherwise: string;
  least: string;
  most: string;
}

const INTERVAL: Range = { otherwise: '30s', least: '5s', most: '1h' };
const UNKNOWN_AFTER: Range = { otherwise: '1h', least: '1m', most: '30d' };
const TIME_LIMIT: Range = { otherwise: '60s', least: '1s', most: '1h' };
const OUTPUT_LIMIT: Range = { otherwise: '1GiB', least: '1MiB', most: '64GiB' };

/**
 * Reads and checks the file of CLOCKWORK_CLUSTERS. Nothing that it names is tried.
 * @throws ConfigurationError with all that is wrong, a line for each: `FILE:LINE:COLUMN: KEY: …`
 */
export async function readClustersFile(file: string): Promise<ClusterConfiguration[]> {
  return clustersOf(await textOf(file), file);
}

/**
 * @param text of the file
 * @param file its path, for messages and for the paths in it, which are relative to its directory
 * @throws ConfigurationError
 */
export function clustersOf(text: string, file: string): ClusterConfiguration[] {
  const lines = new LineCounter();
  const problems = new FileProblems(file, lines);
  const document = yamlDocument(text, lines, problems);
  const clusters = clusterList(YamlValue.ofDocument(document, problems), dirname(resolve(file)));
  problems.tell();
  return clusters;
}

function clusterList(root: YamlValue, directory: string): ClusterConfiguration[] {
  const list = root.mapping(['clusters']).needed('clusters', CLUSTERS);
  const values = list.list('clusters', 1);
  if (values.length > MOST_CLUSTERS) {
    list.problem(`has ${values.length} clusters; it takes ${CLUSTERS}.`);
    return [];
  }
  const names = new Map<string, string>();
  return values.map((value) => cluster(value, directory, names));
}

/** @param names of the clusters before it, with their paths */
function cluster(value: YamlValue, directory: string, names: Map<string, string>): ClusterConfiguration {
  const fields = value.mapping(CLUSTER_KEYS);
  const leaveOut = fields.get('leave_out')?.mapping(LEAVE_OUT_KEYS);
  return {
    name: fields.needed('name', A_NAME).text(A_NAME, (name) => nameProblem(name, names, value.path)),
    accountKind: accountKind(fields.needed('account_kind', AN_ACCOUNT_KIND)),
    timeZone: fields.needed('time_zone', A_TIME_ZONE).text(A_TIME_ZONE, timeZoneProblem),
    intervalMs: inRange(fields.get('interval'), INTERVAL, durationMs),
    unknownAfterMs: inRange(fields.get('unknown_after'), UNKNOWN_AFTER, durationMs),
    leaveOut: {
      partitions: leaveOut?.get('partitions')?.list('partitions').map(partition) ?? [],
      accounts: leaveOut?.get('accounts')?.list('accounts').map(account) ?? [],
    },
    source: sourceOf(fields, directory),
    limits: {
      timeLimitMs: inRange(fields.get('time_limit'), TIME_LIMIT, durationMs),
      outputLimitBytes: inRange(fields.get('output_limit'), OUTPUT_LIMIT, byteSize),
    },
  };
}

function nameProblem(name: string, names: Map<string, string>, path: string): string | null {
  const other = names.get(name);
  if (other !== undefined) return `is the name of ${other} too`;
  names.set(name, path);
  if (name.includes(',')) return 'has a comma in it';
  const bytes = Buffer.byteLength(name);
  return bytes > MOST_NAME_BYTES ? `has ${bytes} bytes` : null;
}

function accountKind(value: YamlValue): AccountKind {
  const isKind = (text: string): text is AccountKind => ACCOUNT_KINDS.some((kind) => kind === text);
  const text = value.text(AN_ACCOUNT_KIND, (given) => (isKind(given) ? null : 'is something else'));
  return isKind(text) ? text : 'mila';
}

/** An offset such as `-05:00` is one to Intl too, but knows no summer time. */
function timeZoneProblem(text: string): string | null {
  try {
    if (/^[A-Za-z]/.test(text)) {
      new Intl.DateTimeFormat('en', { timeZone: text });
      return null;
    }
  } catch {
    // What it does not know it throws for.
  }
  return 'is no time zone that is known here';
}

const partition = (value: YamlValue): string => value.text('the name of a partition');
const account = (value: YamlValue): string => value.text("the name of a Slurm account, in sacctmgr's sense");

/** @param read what a text comes to; null where it is none of its kind */
function inRange(value: YamlValue | undefined, range: Range, read: (text: string) => number | null): number {
  const known = (text: string): number => read(text) ?? Number.NaN;
  const text = value?.text(`${range.least} to ${range.most}, such as ${range.otherwise}`, (given) => {
    const amount = read(given);
    if (amount === null) return 'is not a whole number with a unit';
    return amount < known(range.least) || amount > known(range.most) ? 'is out of range' : null;
  });
  return known(text ?? range.otherwise);
}

async function textOf(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    // A byte more than it may have, to see whether it has: it may be a device that has no end.
    for await (const chunk of createReadStream(file, { end: MOST_FILE_BYTES })) chunks.push(chunk as Buffer);
  } catch (error) {
    throw new ConfigurationError([`${file}: cannot be read: ${(error as Error).message}.`]);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MOST_FILE_BYTES) {
    throw new ConfigurationError([
      `${file}: is larger than ${MOST_FILE_BYTES / 1024} KiB; it takes YAML with clusters.`,
    ]);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigurationError([`${file}: is no UTF-8; it takes YAML in UTF-8.`]);
  }
}
