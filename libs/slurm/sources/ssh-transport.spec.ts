import { setTimeout as sleep } from 'node:timers/promises';

import { FakeCommands } from '../../../test/support/fake-commands.js';
import { LoopbackSshd, sshdProblem } from '../../../test/support/loopback-sshd.js';
import { openSource } from './open-source.js';
import { type SlurmSource, SourceError } from './slurm-source.js';
import type { SshSource } from './source-configuration.js';

const LIMITS = { timeLimitMs: 15_000, outputLimitBytes: 50_000_000 };
const EMPTY = `{"meta": {"slurm": {"release": "24.11.5"}}, "errors": [], "jobs": []}`;
const never = new AbortController().signal;

const problem = sshdProblem();
if (problem !== null) process.stderr.write(`ssh is not tested here: ${problem}\n`);
const tested = problem === null ? describe : describe.skip;

tested('a cluster behind ssh', () => {
  let sshd: LoopbackSshd;
  let commands: FakeCommands;
  const open: SlurmSource[] = [];

  beforeAll(async () => {
    sshd = await LoopbackSshd.start();
  });
  afterAll(async () => {
    await sshd.stop();
  });
  beforeEach(async () => {
    commands = await FakeCommands.create();
    await commands.write('squeue', `case "$*" in --version) echo slurm 24.11.5;; *) echo '${EMPTY}';; esac`);
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((source) => source.close()));
    await commands.remove();
  });

  function source(changes: Partial<SshSource> = {}, limits = LIMITS): SlurmSource {
    const configuration = {
      kind: 'ssh',
      host: sshd.host,
      options: sshd.options,
      prefix: commands.prefix,
      environment: { SLURM_CONF: "/etc/slurm; echo 'x' $(id)" },
      ...changes,
    } as const;
    const opened = openSource(configuration, limits, { timeZone: 'UTC' });
    open.push(opened);
    return opened;
  }

  async function failure(asked: SlurmSource): Promise<SourceError> {
    const error: unknown = await asked
      .jobs(() => undefined, never)
      .then(
        () => new Error('was answered'),
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(SourceError);
    return error as SourceError;
  }

  it('is asked over one connection, which is closed with the source', async () => {
    const before = await sshd.logins();
    const asked = source();
    expect(await asked.jobs(() => undefined, never)).toMatchObject({ records: 0, slurmVersion: '24.11.5' });
    await asked.jobs(() => undefined, never);
    await asked.jobs(() => undefined, never);
    expect((await sshd.logins()) - before).toBe(1);
    expect(await sshd.connections()).toBe(1);
    await asked.close();
    await until(async () => (await sshd.connections()) === 0);
    // And it can be asked again.
    await asked.jobs(() => undefined, never);
    expect((await sshd.logins()) - before).toBe(2);
  });

  it('gets every word and variable as it is', async () => {
    const words = ["it's", '$(touch /tmp/never) `id`', '*', '', ' ; exit 7', '-x'];
    const asked = source({
      prefix: [
        ...commands.prefix,
        'sh',
        '-c',
        `printf '<%s>' "$SLURM_CONF" "$@" >${commands.directory}/words; shift ${words.length}; exec "$@"`,
        'sh',
        ...words,
      ],
    });
    await asked.jobs(() => undefined, never);
    expect(await commands.text('words')).toContain(
      ["/etc/slurm; echo 'x' $(id)", ...words].map((word) => `<${word}>`).join(''),
    );
  });

  it('tells how a command failed there', async () => {
    await commands.write('squeue', 'echo slurm_load_jobs error: Unable to contact slurm controller >&2; exit 1');
    const error = await failure(source());
    expect(error).toMatchObject({ kind: 'unreachable' });
    expect(error.message).toMatch(/`squeue --version` on .* by ssh ended with status 1: .*Unable to contact/);
    expect((await failure(source({ prefix: ['env', 'PATH=/nowhere'] }))).message).toMatch(/No such file.*PATH/);
  });

  it('hangs: nothing is left running, here or there', async () => {
    await commands.write(
      'squeue',
      `case "$*" in --version) echo slurm 24.11.5;; *) echo $$ >${commands.directory}/pid; trap '' TERM; exec sleep 600;; esac`,
    );
    const asked = source({}, { ...LIMITS, timeLimitMs: 1_500 });
    expect(await failure(asked)).toMatchObject({ kind: 'timeout' });
    const pid = Number(await commands.text('pid'));
    expect(pid).toBeGreaterThan(1);
    // `timeout` ends it there, at the latest after twice the limit and five seconds, and two more for SIGKILL.
    await until(() => Promise.resolve(!exists(pid)), 15_000);
    // The connection has outlived it.
    const before = await sshd.logins();
    expect(await failure(asked)).toMatchObject({ kind: 'timeout' });
    expect(await sshd.logins()).toBe(before);
  }, 60_000);

  it('floods: it is cut off, and ends there too', async () => {
    await commands.write(
      'squeue',
      `case "$*" in --version) echo slurm 24.11.5;; *) echo $$ >${commands.directory}/pid; exec yes;; esac`,
    );
    // The reader would refuse it as well; the limit is below what it looks at first.
    expect((await failure(source({}, { ...LIMITS, outputLimitBytes: 10 }))).kind).toBe('too_large');
    const pid = Number(await commands.text('pid'));
    await until(() => Promise.resolve(!exists(pid)), 5_000);
  });

  it('does not let us in', async () => {
    const error = await failure(source({ options: sshd.optionsWithoutKey }));
    expect(error).toMatchObject({ kind: 'unauthorized' });
    expect(error.message).toMatch(/Permission denied.*BatchMode=yes/);
  });

  it('has a key that nobody has accepted', async () => {
    const error = await failure(source({ options: sshd.optionsWithoutKnownHost }));
    expect(error).toMatchObject({ kind: 'unauthorized' });
    expect(error.message).toMatch(/does not trust the key.*known_hosts/);
  });

  it('is not there', async () => {
    const error = await failure(source({ options: ['-p', '1', ...sshd.options] }));
    expect(error.kind).toBe('unreachable');
  });

  it('has a name that looks like an option', async () => {
    const error = await failure(source({ host: `-oProxyCommand=touch ${commands.directory}/pwned` }));
    expect(error.message).toMatch(/reached|hostname/);
    expect(await commands.text('pwned').catch(() => 'none')).toBe('none');
  });
});

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => Promise<boolean>, patienceMs = 5_000): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error('did not come about in time');
    await sleep(50);
  }
}
