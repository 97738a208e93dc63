import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixturePath } from './fake-commands.js';

/** What of a job matters to a test. Times are epoch seconds. */
export interface ScriptedJob {
  id: number;
  state?: string;
  user?: string;
  partition?: string;
  account?: string;
  name?: string;
  submitted?: number;
  started?: number;
  ended?: number;
}

/** How a command was called, and when, in epoch milliseconds. */
export interface Call {
  at: number;
  command: string;
  args: string;
}

type Command = 'squeue' | 'scontrol' | 'sacct';
type JsonRecord = Record<string, unknown>;

const SUBMITTED = 1_795_541_036;
const MOST_RENAMES = 1_000_000;

const AS_USUAL: Record<Command, string> = {
  squeue: 'cat jobs.json',
  scontrol: 'cat nodes.json',
  // Of the ids asked for, those that accounting knows; of a span of time, what the test put there.
  sacct: [
    'ids=$(echo "$*" | sed -n "s/.*--jobs=\\([0-9,]*\\).*/\\1/p" | tr , " ")',
    'cat accounting-head.json',
    'separator=',
    'for id in $ids; do',
    '  if [ -f "ended-$id.json" ]; then printf %s "$separator"; cat "ended-$id.json"; separator=,; fi',
    'done',
    'if [ -z "$ids" ] && [ -f swept.json ]; then cat swept.json; fi',
    'echo "]}"',
  ].join('\n'),
};

/** A Slurm 24.11 of shell scripts: they print what the test says, in the records of a real one, and note how they were called. */
export class ScriptedSlurm {
  private renames = 0;

  private constructor(
    readonly directory: string,
    private readonly job: Template,
    private readonly run: Template,
  ) {}

  static async create(): Promise<ScriptedSlurm> {
    const directory = await mkdtemp(join(tmpdir(), 'clockwork-scripted-'));
    const slurm = new ScriptedSlurm(directory, await Template.of('squeue.json'), await Template.of('sacct.json'));
    const nodes = await readFile(fixturePath('slurm-24.11/scontrol-show-node.json'), 'utf8');
    await slurm.put('nodes.json', nodes);
    await slurm.put('accounting-head.json', slurm.run.head());
    await slurm.show([]);
    for (const command of ['squeue', 'scontrol', 'sacct'] as const) {
      await slurm.behave(command, AS_USUAL[command]);
      const path = join(directory, command);
      const lines = [
        '#!/bin/sh',
        `cd ${directory} || exit 9`,
        `echo "$(date +%s%3N) ${command} $*" >>calls`,
        'case "$1" in --version) echo "slurm 24.11.5"; exit ;; esac',
        `. ./${command}.sh`,
      ];
      await writeFile(path, `${lines.join('\n')}\n`);
      await chmod(path, 0o755);
    }
    return slurm;
  }

  /** What finds these commands before all others. */
  get prefix(): string[] {
    return ['env', `PATH=${this.directory}:/usr/bin:/bin`];
  }

  /** An item of the file of CLOCKWORK_CLUSTERS. @param keys more of them, as YAML */
  yaml(name: string, keys: Record<string, string> = {}): string {
    const described = { account_kind: 'mila', time_zone: 'America/Toronto', interval: '5s', ...keys };
    const lines = Object.entries(described).map(([key, value]) => `    ${key}: ${value}\n`);
    return `  - name: ${name}\n${lines.join('')}    command:\n      prefix: ${JSON.stringify(this.prefix)}\n`;
  }

  /** What squeue shows from now on. */
  async show(jobs: readonly ScriptedJob[], more: readonly string[] = []): Promise<void> {
    const records = jobs.map((job) => JSON.stringify(this.recordOf(job)));
    await this.put('jobs.json', `${this.job.head()}${[...records, ...more].join(',')}]}`);
  }

  /** A record as squeue prints it, for one that a test breaks. */
  recordOf(job: ScriptedJob): JsonRecord {
    return this.job.record({
      job_id: job.id,
      job_state: [job.state ?? 'RUNNING'],
      user_name: job.user ?? 'alice',
      partition: job.partition ?? 'gpu',
      account: job.account ?? 'ml',
      name: job.name ?? 'train',
      submit_time: number(job.submitted ?? SUBMITTED),
      start_time: number(job.started ?? SUBMITTED + 5),
      end_time: number(job.ended ?? SUBMITTED + 7_205),
    });
  }

  /** What accounting knows from now on of a job that is over. */
  async end(job: ScriptedJob): Promise<void> {
    await this.put(`ended-${job.id}.json`, JSON.stringify(this.runOf(job)));
  }

  /** What accounting tells of a span of time. */
  async sweep(jobs: readonly ScriptedJob[]): Promise<void> {
    await this.put('swept.json', jobs.map((job) => JSON.stringify(this.runOf(job))).join(','));
  }

  /** Does something else from now on, or, without a script, what it does usually. @param script `sh` */
  async behave(command: Command, script: string = AS_USUAL[command]): Promise<void> {
    await this.put(`${command}.sh`, `${script}\n`);
  }

  /** As where nobody has installed it. */
  async uninstall(command: Command): Promise<void> {
    await rm(join(this.directory, command));
  }

  /** All of one command, without those that ask for its version or columns. */
  async calls(command: Command): Promise<Call[]> {
    const text = await readFile(join(this.directory, 'calls'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .map((line) => /^(\d+) (\S+) (.*)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, at, called, args]) => ({ at: Number(at), command: String(called), args: String(args) }))
      .filter((call) => call.command === command && !/^--(version|helpformat)$/.test(call.args));
  }

  /** The ids that sacct was asked for, in order, a list for each question. */
  async askedFor(): Promise<string[][]> {
    const calls = await this.calls('sacct');
    return calls.flatMap(({ args }) => {
      const [, ids] = /--jobs=(\S+)/.exec(args) ?? [];
      return ids === undefined ? [] : [ids.split(',').sort()];
    });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private runOf(job: ScriptedJob): JsonRecord {
    const submitted = job.submitted ?? SUBMITTED;
    const started = job.started ?? submitted + 5;
    const time = this.run.part('time');
    return this.run.record({
      job_id: job.id,
      state: { current: [job.state ?? 'COMPLETED'], reason: 'None' },
      user: job.user ?? 'alice',
      partition: job.partition ?? 'gpu',
      account: job.account ?? 'ml',
      name: job.name ?? 'train',
      time: { ...time, submission: submitted, eligible: submitted, start: started, end: job.ended ?? started + 60 },
    });
  }

  /** In one step: no script sees half of it. */
  private async put(file: string, text: string): Promise<void> {
    this.renames = (this.renames + 1) % MOST_RENAMES;
    const path = join(this.directory, `new-${this.renames}`);
    await writeFile(path, text);
    await rename(path, join(this.directory, file));
  }
}

/** A recorded document: its envelope, and its first job for all others. */
class Template {
  private constructor(
    private readonly envelope: JsonRecord,
    private readonly first: JsonRecord,
  ) {}

  static async of(file: string): Promise<Template> {
    const text = await readFile(fixturePath(`slurm-24.11/${file}`), 'utf8');
    const { jobs, ...envelope } = JSON.parse(text) as { jobs: JsonRecord[] };
    return new Template(envelope, jobs[0] ?? {});
  }

  /** Up to the first of the jobs. */
  head(): string {
    return `${JSON.stringify(this.envelope).slice(0, -1)},"jobs":[`;
  }

  part(name: string): JsonRecord {
    return this.first[name] as JsonRecord;
  }

  record(changes: JsonRecord): JsonRecord {
    return { ...this.first, ...changes };
  }
}

function number(value: number): JsonRecord {
  return { set: true, infinite: false, number: value };
}
