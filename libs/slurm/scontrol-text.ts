import type { JobRecord } from './job-record.js';
import type { NodeRecord } from './node-record.js';
import { readJob } from './read-job.js';
import { readNode } from './read-node.js';
import { fieldTable } from './record-fields.js';
import { type ScontrolKind, TextFields } from './scontrol-reader.js';
import { CONTROLLER_TEXT, NODE_TEXT } from './slurm-names.js';
import { jobTextValues, NODE_TEXT_VALUES } from './text-values.js';

/** Lines whose rest, over all lines that follow up to the next name, is one value that somebody wrote. */
const FREE_JOB_LINES: ReadonlySet<string> = new Set([
  'Command',
  'SubmitLine',
  'WorkDir',
  'AdminComment',
  'SystemComment',
  'Comment',
  'StdErr',
  'StdIn',
  'StdOut',
]);
const FREE_NODE_LINES: ReadonlySet<string> = new Set(['OS', 'Reason', 'Comment', 'Extra']);

/** Lines that may stand between the name and UserId. The name may have such lines too, so that they are not believed. */
const BEHIND_THE_NAME: ReadonlySet<string> = new Set(['HetJobIdSet', 'SLUID']);

/** Slurm prints a space behind these. */
const COMMENTS: ReadonlySet<string> = new Set(['AdminComment', 'SystemComment', 'Comment']);

/** The lines of every job (`slurm_sprint_job_info` in src/api/job_info.c) before those that its owner's texts are in. */
const JOB_FRAME = [
  'UserId',
  'Priority',
  'JobState',
  'Requeue',
  'RunTime',
  'SubmitTime',
  'StartTime',
  'Partition',
  'NodeList',
  'NumNodes',
];
/** The lines of every node (`slurm_sprint_node_table` in src/api/node_info.c). */
const NODE_FRAME = ['CPUAlloc', 'RealMemory', 'State'];

export function scontrolJobs(timeZone: string, timeSuffix: string): ScontrolKind<JobRecord> {
  const table = fieldTable(CONTROLLER_TEXT);
  const values = jobTextValues(timeZone, timeSuffix);
  const frame = JOB_FRAME.map((name) => ({ name, holds: name === 'SubmitTime' ? timeSuffix : '' }));
  return {
    command: 'scontrol show job',
    layout: { begins: /^JobId=\d+ (?:[A-Z]\w*=\S* )*?JobName=/, frame, lastText: lastJobText },
    read: (lines) => readJob(jobFields(lines).asObject(), table, values),
  };
}

export function scontrolNodes(): ScontrolKind<NodeRecord> {
  const table = fieldTable(NODE_TEXT);
  return {
    command: 'scontrol show node',
    layout: { begins: /^NodeName=\S+ /, frame: NODE_FRAME.map((name) => ({ name, holds: '' })), lastText: () => null },
    read: (lines) => readNode(nodeFields(lines).asObject(), table, NODE_TEXT_VALUES),
  };
}

/** A batch job ends with its paths, of which the last is StdOut; others have none of them. */
function lastJobText(framed: readonly string[]): string {
  return framed.some((line) => /^ {3}Requeue=.* BatchFlag=0 /.test(line)) ? '   WorkDir=' : '   StdOut=';
}

/**
 * The names and values of a job. Its name, comments and paths may hold line breaks, and so lines that look like others of the
 * record: of those that every record has, what stands twice is not believed, and nothing behind the paths but paths and comments.
 */
function jobFields(lines: readonly string[]): TextFields {
  const fields = new TextFields();
  const [first = '', ...others] = withoutBlankEnd(lines);
  const nameAt = first.indexOf('JobName=');
  fields.setAll(first.slice(0, nameAt));
  const free = new FreeText(fields, 'JobName', first.slice(nameAt + 'JobName='.length));

  let named = false;
  let paths = false;
  for (const line of others) {
    const key = keyOf(line);
    named ||= key === 'UserId';
    if (!named && key !== null && BEHIND_THE_NAME.has(key)) free.end();
    else if (key === null || !named) free.goOn(line);
    else if (FREE_JOB_LINES.has(key)) {
      paths = true;
      free.begin(key, line.slice(key.length + 4));
    } else {
      free.end();
      if (!paths) fields.setAll(line.slice(3));
      else if (JOB_FRAME.includes(key)) fields.set(key, '');
    }
  }
  free.end();
  return derived(fields);
}

/** What scontrol puts into one value, apart. */
function derived(fields: TextFields): TextFields {
  const [, user, uid] = /^(.*)\((\d+)\)$/.exec(fields.get('UserId') ?? '') ?? [];
  if (user !== undefined && uid !== undefined) {
    fields.replace('UserId', user);
    fields.set('UserId number', uid);
  }
  const tasks = fields.get('ArrayTaskId');
  if (tasks !== undefined && !/^\d+$/.test(tasks)) {
    fields.replace('ArrayTaskId', '');
    fields.set('ArrayTaskId of waiting tasks', tasks);
  }
  const tres = fields.get('TRES');
  if (tres !== undefined) fields.set(fields.get('NodeList') === '' ? 'ReqTRES' : 'AllocTRES', tres);
  return fields;
}

/** The names and values of a node. */
function nodeFields(lines: readonly string[]): TextFields {
  const fields = new TextFields();
  const free = new FreeText(fields);
  const [first = '', ...others] = withoutBlankEnd(lines);
  fields.setAll(first);
  for (const line of others) {
    const key = keyOf(line);
    if (key === null) free.goOn(line.replace(/^ {10}/, ''));
    else if (FREE_NODE_LINES.has(key)) free.begin(key, withoutAuthor(key, line.slice(key.length + 4)));
    else {
      free.end();
      fields.setAll(line.slice(3));
    }
  }
  free.end();
  return fields;
}

/** The first line of a reason ends in who gave it and when: `[root@2026-11-24T17:24:05]`. Further ones are indented by ten. */
function withoutAuthor(key: string, value: string): string {
  return key === 'Reason' ? value.replace(/ \[[^[\]@]*@[^[\]@]*\]$/, '') : value;
}

/** A value of several lines, of which the last is not known until the next name. */
class FreeText {
  private key: string | null = null;
  private lines: string[] = [];

  constructor(
    private readonly fields: TextFields,
    ...begun: [key: string, value: string] | []
  ) {
    const [key, value] = begun;
    if (key !== undefined && value !== undefined) this.begin(key, value);
  }

  begin(key: string, value: string): void {
    this.end();
    this.key = key;
    this.lines = [value];
  }

  goOn(line: string): void {
    if (this.key !== null) this.lines.push(line);
  }

  end(): void {
    if (this.key === null) return;
    const value = this.lines.join('\n');
    this.fields.set(this.key, COMMENTS.has(this.key) && value.endsWith(' ') ? value.slice(0, -1) : value);
    this.key = null;
  }
}

function keyOf(line: string): string | null {
  return /^ {3}([A-Z][\w:/]*)=/.exec(line)?.[1] ?? null;
}

function withoutBlankEnd(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return lines.slice(0, last + 1);
}
