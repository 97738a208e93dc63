import { fixturePath, FakeCommands } from '../../../test/support/fake-commands.js';
import { type RecordedVersion, recordedTruth } from '../../../test/support/recorded-cluster.js';
import type { JobRecord } from '../job-record.js';
import { openSource } from './open-source.js';
import { SourceError, type SlurmSource } from './slurm-source.js';

const LIMITS = { timeLimitMs: 20_000, outputLimitBytes: 100_000_000 };
const never = new AbortController().signal;

const recordedPath = (version: RecordedVersion, file: string): string => fixturePath(`${version}/${file}`);

let commands: FakeCommands;
beforeEach(async () => {
  commands = await FakeCommands.create();
});
afterEach(async () => {
  await commands.remove();
});

function source(limits = LIMITS): SlurmSource {
  return openSource({ kind: 'command', prefix: commands.prefix, environment: {} }, limits, { timeZone: 'UTC' });
}

/** `squeue` of that version, which prints this when it is asked for jobs. */
async function squeue(version: string, script: string): Promise<void> {
  await commands.write('squeue', `case "$*" in --version) echo "slurm-wlm ${version}";; *) ${script};; esac`);
}

async function jobsOf(asked: SlurmSource) {
  const records: JobRecord[] = [];
  const reading = await asked.jobs((batch) => void records.push(...batch), never);
  return { ...reading, jobs: records };
}

async function failure(question: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await question.then(
    () => new Error('was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}

describe('which command answers', () => {
  it.each([
    ['22.05.8', 'slurm-22.05', 'sinfo --json --all [standard]', 'sinfo'],
    ['24.11.5', 'slurm-24.11', 'scontrol show node --json --all [standard]', 'scontrol'],
    ['26.05.0-0rc1', 'slurm-24.11', 'scontrol show node --json --all [standard]', 'scontrol'],
  ] as const)('%s', async (version, recorded, call, command) => {
    await squeue(version, `cat ${recordedPath(recorded, 'squeue.json')}`);
    await commands.write('sacct', `cat ${recordedPath(recorded, 'sacct.json')}`);
    const nodes = recorded === 'slurm-22.05' ? 'sinfo.json' : 'scontrol-show-node.json';
    await commands.write(command, `cat ${recordedPath(recorded, nodes)}`);

    const asked = source();
    const before = Date.now();
    const { jobs, ...reading } = await jobsOf(asked);
    expect(jobs.length).toBeGreaterThan(10);
    expect(reading).toMatchObject({ records: jobs.length, skippedCount: 0 });
    expect(reading.observedAt).toBeGreaterThanOrEqual(before);
    expect(reading.observedAt).toBeLessThanOrEqual(Date.now());
    const names: string[] = [];
    await asked.nodes((batch) => void names.push(...batch.map(({ name }) => name)), never);
    expect(names.sort()).toEqual(
      recordedTruth(recorded)
        .nodes.map(({ name }) => name)
        .sort(),
    );
    await asked.accounting({ jobIds: ['17', '4'] }, () => undefined, never);
    await asked.accounting({ from: 1_700_000_000.5, to: 1_700_003_600 }, () => undefined, never);

    const everyone = 'sacct --json --allusers --duplicates --allocations';
    expect(await commands.calls()).toEqual([
      'squeue --version []',
      'squeue --json --all --states=all [standard]',
      call,
      `${everyone} --jobs=17,4 [standard]`,
      `${everyone} --starttime=uts1700000000 --endtime=uts1700003600 [standard]`,
    ]);
  });

  it.each([
    ['22.05', 'fatal: Unable to find plugin: serializer/json', 'exit 1'],
    ['24.11', 'error: load_plugins: unable to find plugin: serializer/json', 'kill -SEGV $$'],
    ['26.05', 'fatal: serializer_required: could not find plugin for application/json', 'exit 1'],
    ['20.11', "unrecognized option '--json'", 'exit 1'],
  ])('without JSON, as %s says it, text does', async (version, says, end) => {
    const noJson = `echo "${says}" >&2; ${end}`;
    await squeue(`${version}.1`, noJson);
    await commands.write(
      'sacct',
      `case "$*" in --helpformat) echo "JobIDRaw JobID State Odd";; *--json*) ${noJson};; *) echo 'JobIDRaw|JobID|State';; esac`,
    );
    await commands.write(
      'scontrol',
      `cat ${recordedPath('slurm-24.11', 'scontrol-show-job.txt')} | sed -E "s/((Submit|Eligible|Start|End)Time)=[^ ]*/\\1=1700000000\${SLURM_TIME_FORMAT#%s}/g"`,
    );
    const asked = source();
    const { jobs, slurmVersion } = await jobsOf(asked);
    expect(jobs.length).toBeGreaterThan(10);
    expect(slurmVersion).toBe(`${version}.1`);
    await jobsOf(asked);
    await asked.accounting({ jobIds: ['1'] }, () => undefined, never);

    const calls = await commands.calls();
    const tried = version === '20.11' ? [] : ['squeue --json --all --states=all [standard]'];
    expect(calls.slice(0, 2 + tried.length)).toEqual([
      'squeue --version []',
      ...tried,
      expect.stringMatching(/^scontrol show job --all \[%sx[0-9a-f]{8}\]$/),
    ]);
    // Once known, JSON is not tried again; and what stands behind the times is another every time.
    const texts = calls.filter((call) => call.startsWith('scontrol'));
    expect(new Set(texts).size).toBe(2);
    expect(calls.filter((call) => call.startsWith('squeue --json'))).toHaveLength(tried.length);
    expect(calls.at(-1)).toMatch(
      /^sacct --parsable2 --format=JobIDRaw,JobID,State --delimiter=\|[^\w\s|]{8}\| --allusers --duplicates --allocations --jobs=1 /,
    );
  });

  it('is found out again after a failure, and not before', async () => {
    await squeue('24.11.5', 'exit 1');
    const asked = source();
    await failure(jobsOf(asked));
    await squeue('26.05.1', `cat ${recordedPath('slurm-24.11', 'squeue.json')}`);
    await jobsOf(asked);
    await jobsOf(asked);
    expect(await commands.calls()).toEqual([
      'squeue --version []',
      expect.stringMatching(/^squeue --json/),
      'squeue --version []',
      expect.stringMatching(/^squeue --json/),
      expect.stringMatching(/^squeue --json/),
    ]);
  });

  it('is asked for at most 500 jobs', async () => {
    const ids = Array.from({ length: 501 }, (_, id) => String(id));
    await expect(source().accounting({ jobIds: ids }, () => undefined, never)).rejects.toThrow(RangeError);
    await expect(source().accounting({ jobIds: [] }, () => undefined, never)).rejects.toThrow(RangeError);
  });
});

describe('a cluster that does not answer', () => {
  it.each([
    ['no_accounting', 'echo "Slurm accounting storage is disabled" >&2; exit 1', /disabled.*keeps no accounting/],
    [
      'unreachable',
      'echo "sacct: error: Problem talking to the database: Connection refused" >&2; exit 1',
      /Connection refused/,
    ],
    ['failed', 'exit 3', /ended with status 3: it said nothing/],
    ['failed', 'kill -SEGV $$', /ended with signal SIGSEGV/],
    [
      'failed',
      'printf "\\033[31mbad\\033[0m\\n\\tworse eyJhbGciOi.eyJzdWIi.c2ln\\n" >&2; exit 1',
      /bad; worse \[token\]\./,
    ],
    ['unreadable', 'echo Welcome to the cluster', /sacct.*cannot be read/],
    ['unreadable', 'head -c 5000 /dev/urandom', /cannot be read/],
    ['unreadable', `head -c 9000 ${recordedPath('slurm-24.11', 'sacct.json')}`, /cannot be read/],
    ['unreadable', 'true', /cannot be read/],
    [
      'unreachable',
      `echo '{"meta":{},"errors":[{"error":"Unspecified error","error_number":-1}],"jobs":[]}'`,
      /slurmctld does not answer/,
    ],
    ['failed', `echo '{"meta":{},"errors":[{"error":"Odd","error_number":9000}],"jobs":[]}'`, /errors alone: Odd/],
  ] as const)('%s: %s', async (kind, script, message) => {
    await squeue('24.11.5', 'true');
    await commands.write('sacct', script);
    const error = await failure(source().accounting({ jobIds: ['1'] }, () => undefined, never));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(message);
    // eslint-disable-next-line no-control-regex
    expect(error.message).not.toMatch(/[\x00-\x1f]/);
  });

  it('finds nothing, as 22.05 says it, and that is no error', async () => {
    await squeue('22.05.8', 'true');
    const errors =
      '[{"description":"Nothing found","error_number":9003,"error":"Nothing found with query","source":"slurmdb_jobs_get"}]';
    await commands.write('sacct', `echo '{"meta":{},"errors":${errors},"jobs":[]}'`);
    const reading = await source().accounting({ jobIds: ['1'] }, () => undefined, never);
    expect(reading).toMatchObject({ records: 0, skippedCount: 0 });
  });

  it('hangs', async () => {
    await squeue('24.11.5', "trap '' TERM; echo waiting for slurmctld >&2; sleep 60");
    const error = await failure(jobsOf(source({ ...LIMITS, timeLimitMs: 500 })));
    expect(error).toMatchObject({ kind: 'timeout' });
    expect(error.message).toMatch(/`squeue --json.*0\.5 s.*waiting for slurmctld/);
  });

  it('prints 10 GB', async () => {
    await squeue('24.11.5', `echo '{"jobs": ['; yes '{"job_id": 1, "job_state": ["RUNNING"]},' | head -c 10000000000`);
    const before = process.memoryUsage().rss;
    const flooded = source({ ...LIMITS, outputLimitBytes: 20_000_000 });
    const error = await failure(flooded.jobs(() => undefined, never));
    expect(error).toMatchObject({ kind: 'too_large' });
    expect(error.message).toMatch(/20000000 bytes/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  it('is not there', async () => {
    const without = openSource({ kind: 'command', prefix: ['env', 'PATH=/nowhere'], environment: {} }, LIMITS, {
      timeZone: 'UTC',
    });
    const error = await failure(jobsOf(without));
    expect(error).toMatchObject({ kind: 'failed' });
    expect(error.message).toMatch(/squeue --version.*No such file.*PATH/);
    const nowhere = openSource({ kind: 'command', prefix: ['/nowhere/sudo'], environment: {} }, LIMITS, {
      timeZone: 'UTC',
    });
    expect((await failure(jobsOf(nowhere))).message).toMatch(/no program \/nowhere\/sudo/);
  });

  it('has another squeue', async () => {
    await commands.write('squeue', 'echo squid 5.2');
    expect((await failure(jobsOf(source()))).message).toMatch(/no version of Slurm but: squid 5\.2/);
  });

  it('is not asked any longer', async () => {
    await squeue('24.11.5', 'sleep 60');
    const abort = new AbortController();
    const question = source().jobs(() => undefined, abort.signal);
    setTimeout(() => {
      abort.abort(new Error('stop'));
    }, 300);
    await expect(question).rejects.toThrow('stop');
  });
});

it('leaves the errors of whoever takes the records as they are', async () => {
  await squeue('24.11.5', `cat ${recordedPath('slurm-24.11', 'squeue.json')}`);
  const thrown = Object.assign(new Error('not primary'), { code: 'ECONNRESET' });
  const take = (): Promise<never> => Promise.reject(thrown);
  await expect(source().jobs(take, never)).rejects.toBe(thrown);
});
