import { readFileSync } from 'node:fs';
import { hostNames, recordedText, recordedTruth, type TrueJob } from '../../test/support/recorded-cluster.js';
import { readDocument } from '../../test/support/read-document.js';
import { gpusOfTres, jobReader, nodeReader } from './index.js';
import type { JobRecord } from './job-record.js';
import type { NodeRecord } from './node-record.js';
import type { JobFormat, NodeFormat } from './readers.js';

/**
 * What a way of asking does not tell: always null there, in the version given in all its records. docs/slurm.md has the same
 * table, which a test below holds against this one.
 */
const LACKS: Readonly<Record<string, readonly (keyof JobRecord)[]>> = {
  'controller-json 22.05': ['databaseIndex', 'sluid', 'stdout', 'stderr'],
  'controller-json 24.11': ['databaseIndex', 'sluid'],
  'controller-json 26.05': ['databaseIndex'],
  'controller-text 22.05': ['clusterName', 'databaseIndex', 'sluid'],
  'controller-text 24.11': ['clusterName', 'databaseIndex', 'sluid'],
  'controller-text 26.05': ['clusterName', 'databaseIndex', 'sluid'],
  'accounting-json 22.05': [
    ...['databaseIndex', 'sluid', 'uid', 'restartCount', 'reservation', 'dependency', 'command'],
    ...['stdout', 'stderr', 'stdin'],
  ] as (keyof JobRecord)[],
  'accounting-json 24.11': ['databaseIndex', 'sluid', 'uid', 'dependency', 'command'],
  'accounting-json 26.05': ['databaseIndex', 'uid', 'dependency', 'command'],
  'accounting-text 22.05': ['sluid', 'restartCount', 'dependency', 'command', 'stdout', 'stderr', 'stdin'],
  'accounting-text 24.11': ['dependency', 'command', 'stdout', 'stderr', 'stdin'],
  'accounting-text 26.05': ['dependency', 'command', 'stdout', 'stderr', 'stdin'],
};

/** Where two ways of asking the same daemon say different things of a job, and that is Slurm's doing: `version job field`. */
const TOLD_OTHERWISE: ReadonlySet<string> = new Set([
  // scontrol's text shows one of several names of a state, and a sentence where there is one.
  '24.11 28 state',
  '24.11 28 stateFlags',
  '24.11 28 stateReason',
  '24.11 29 state',
  '24.11 29 stateFlags',
  // 22.05's text guesses the CPUs of a job that ended before it had any.
  '22.05 6 cpus',
]);
/** And of many jobs. */
const TOLD_OTHERWISE_OF_MANY: readonly { version: string; format: string; fields: readonly (keyof JobRecord)[] }[] = [
  // One TRES, which is what was requested until the job has nodes and from then on what was allocated.
  { version: '22.05', format: 'controller-text', fields: ['tresRequested'] },
  // Null for most, see exit-code.ts.
  { version: '22.05', format: 'accounting-json', fields: ['exitCode'] },
];

interface Way {
  format: JobFormat;
  version: '22.05' | '24.11' | '26.05';
  file: string;
}
const CONTROLLER: readonly Way[] = [
  { format: 'controller-json', version: '22.05', file: 'squeue.json' },
  { format: 'controller-text', version: '22.05', file: 'scontrol-show-job.txt' },
  { format: 'controller-json', version: '24.11', file: 'slurmrestd-v0.0.42-jobs.json' },
  { format: 'controller-text', version: '24.11', file: 'scontrol-show-job.txt' },
  { format: 'controller-json', version: '26.05', file: 'scontrol-show-job.json' },
  { format: 'controller-text', version: '26.05', file: 'scontrol-show-job.txt' },
];
const ACCOUNTING: readonly Way[] = [
  { format: 'accounting-json', version: '22.05', file: 'sacct.json' },
  { format: 'accounting-text', version: '22.05', file: 'sacct.psv' },
  { format: 'accounting-json', version: '24.11', file: 'sacct.json' },
  { format: 'accounting-text', version: '24.11', file: 'sacct.psv' },
  { format: 'accounting-json', version: '26.05', file: 'sacct.json' },
  { format: 'accounting-text', version: '26.05', file: 'sacct.psv' },
  { format: 'accounting-text', version: '26.05', file: 'sacct-delimiter.psv' },
];
const lacksOf = ({ format, version }: Way) => LACKS[`${format} ${version}`] ?? [];

function read({ format, version, file }: Way): JobRecord[] {
  const { records, summary } = readDocument(
    jobReader(format, { timeZone: 'UTC' }),
    recordedText(`slurm-${version}`, file),
  );
  expect(summary.skipped.map(({ id }) => id)).toEqual(
    format === 'controller-text' && version === '26.05' ? ['18'] : [],
  );
  return records;
}

/** One run of a job. */
const runOf = ({ jobId, submitTime }: JobRecord) => `${jobId} of ${String(submitTime)}`;

describe.each([...CONTROLLER, ...ACCOUNTING])('$format of $version, $file', (way) => {
  it('lacks what the table says, and nothing else', () => {
    const records = read(way);
    const fields = Object.keys(records[0] ?? {}) as (keyof JobRecord)[];
    // Fields that no job of the recording has, whichever way it is read.
    const rare: (keyof JobRecord)[] = ['arrayTaskString', 'reservation', 'command', 'comment', 'dependency'];
    const empty = fields.filter((field) => records.every((record) => record[field] === null));
    expect(lacksOf(way).filter((field) => !empty.includes(field))).toEqual([]);
    expect(empty.filter((field) => !lacksOf(way).includes(field) && !rare.includes(field))).toEqual([]);
  });

  it('says the same as the other ways', () => {
    const other = [...CONTROLLER, ...ACCOUNTING].find(
      ({ format, version }) => version === way.version && format === way.format.replace('text', 'json'),
    );
    if (other === undefined) throw new Error('no JSON to hold it against');
    const expected = new Map(read(other).map((record) => [runOf(record), record]));
    const records = read(way);
    expect(records.length).toBeGreaterThan(20);
    const ofMany = TOLD_OTHERWISE_OF_MANY.filter(
      ({ version, format }) => version === way.version && [way.format, other.format].includes(format as JobFormat),
    ).flatMap(({ fields }) => fields);
    const leftOut = new Set([...lacksOf(way), ...lacksOf(other), ...ofMany]);
    const differences = records.flatMap((record) => {
      const same = expected.get(runOf(record));
      const fields = (Object.keys(record) as (keyof JobRecord)[]).filter((field) => !leftOut.has(field));
      return fields
        .filter((field) => JSON.stringify(record[field]) !== JSON.stringify(same?.[field]))
        .map((field) => `${way.version} ${record.jobId} ${field}`);
    });
    expect(differences.filter((difference) => !TOLD_OTHERWISE.has(difference))).toEqual([]);
  });
});

describe.each(CONTROLLER.filter(({ version }) => version !== '26.05'))('$format of $version, $file', (way) => {
  const truth = recordedTruth(`slurm-${way.version as '22.05' | '24.11'}`);
  const text = way.format === 'controller-text';

  it('says of every job what the cluster held', () => {
    const records = new Map(read(way).map((record) => [record.jobId, record]));
    expect([...records.keys()].sort()).toEqual(truth.jobs.map((job) => String(job.job_id)).sort());
    for (const job of truth.jobs) {
      const record = records.get(String(job.job_id));
      expect(record).toMatchObject({
        name: job.name,
        userName: job.user,
        uid: String(job.uid),
        account: job.account,
        qos: job.qos,
        partition: job.partition,
        exitCode: `${job.exit_code}:${job.exit_signal}`,
        timeLimit: job.time_limit_s,
        submitTime: job.submit,
        eligibleTime: job.eligible,
        startTime: job.start ?? job.expected_start,
        endTime: job.end ?? job.expected_end,
        restartCount: job.restarts,
        comment: job.comment?.trimEnd() ?? null,
        dependency: job.dependency,
        arrayTaskString: job.array_tasks_pending,
      });
      // Text shows one name of those of a state.
      const states = [job.state, ...job.state_flags];
      if (text) expect(states).toContain(record?.state);
      else expect([record?.state, ...(record?.stateFlags ?? [])]).toEqual(states);
      expect([job.job_id, record?.nodes == null ? [] : hostNames(record.nodes)]).toEqual([job.job_id, job.nodes]);
    }
  });

  it('counts the GPUs of every job', () => {
    for (const record of read(way)) {
      const job = truth.jobs.find(({ job_id: id }) => String(id) === record.jobId);
      expect([record.jobId, ...gpus(record)]).toEqual([record.jobId, ...trueGpus(job, way)]);
    }
  });

  function gpus({ tresRequested, tresAllocated }: JobRecord): unknown[] {
    return [tresRequested, tresAllocated].map((tres) => (tres === null ? null : gpusOfTres(tres).total));
  }

  function trueGpus(job: TrueJob | undefined, { format, version }: Way): unknown[] {
    if (job === undefined) throw new Error('truth.json does not know it');
    // A requeued task may still show what it had (24.11).
    const allocated = job.nodes.length > 0 || (['30', '31'].includes(String(job.job_id)) && version === '24.11');
    const merged = format === 'controller-text' && version === '22.05' && allocated;
    return [merged ? null : job.gpus_requested.count, allocated ? job.gpus_allocated.count : null];
  }
});

describe('the types of GPUs', () => {
  it('are those that a job has, where the cluster counts them by type', () => {
    for (const way of CONTROLLER.filter(({ version }) => version === '24.11')) {
      const records = new Map(read(way).map((record) => [record.jobId, record]));
      for (const job of recordedTruth('slurm-24.11').jobs) {
        const { byType } = gpusOfTres(records.get(String(job.job_id))?.tresAllocated ?? null);
        if (job.nodes.length > 0) expect(Object.fromEntries(byType)).toEqual(job.gpus_allocated.by_type);
      }
    }
  });
});

const NODES: readonly { format: NodeFormat; version: '22.05' | '24.11' | '26.05'; json: string; file: string }[] = [
  { format: 'node-text', version: '22.05', json: 'sinfo.json', file: 'scontrol-show-node.txt' },
  { format: 'node-text', version: '24.11', json: 'scontrol-show-node.json', file: 'scontrol-show-node.txt' },
  { format: 'node-text', version: '26.05', json: 'scontrol-show-node.json', file: 'scontrol-show-node.txt' },
];

describe.each(NODES)('$format of $version', ({ format, version, json, file }) => {
  const readNodes = (of: NodeFormat, name: string): NodeRecord[] => {
    const { records, summary } = readDocument(
      nodeReader(of, { timeZone: 'UTC' }),
      recordedText(`slurm-${version}`, name),
    );
    expect(summary.skipped).toEqual([]);
    return records;
  };

  it('says the same as the JSON, but for what is in use where that was not asked for', () => {
    // 22.05's recording was made with -d.
    const detailed = version === '22.05';
    const expected = readNodes('node-json', json).map((node) => ({
      ...node,
      gresUsed: detailed ? node.gresUsed : null,
    }));
    expect(readNodes(format, file)).toEqual(expected);
  });
});

describe('docs/slurm.md', () => {
  it('lists what each way lacks', () => {
    const page = readFileSync(new URL('../../docs/slurm.md', import.meta.url), 'utf8');
    for (const [way, fields] of Object.entries(LACKS)) {
      const [format = '', version = ''] = way.split(' ');
      const row = page.split('\n').find((line) => line.startsWith(`| \`${format}\``) && line.includes(`| ${version} `));
      expect([way, [...(row?.matchAll(/`(\w+)`(?=[,|\s])/g) ?? [])].map(([, name]) => name)]).toEqual([way, fields]);
    }
  });
});
