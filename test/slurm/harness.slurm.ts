import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { getJson, processesOf, RELEASES, releaseUnderTest, type SlurmCluster, startSlurm } from './support/index.ts';

/** For what a job, or slurmctld, does within seconds on a machine that does more than this. */
const PATIENCE_MS = 40_000;
const RELEASE = RELEASES[releaseUnderTest()];

let slurm: SlurmCluster;

beforeAll(async () => {
  slurm = await startSlurm();
});

afterAll(async () => {
  await slurm.stop();
});

async function shown(id: string): Promise<string> {
  return slurm.run('scontrol', ['show', 'job', id]);
}

async function untilShown(id: string, ...expected: readonly string[]): Promise<void> {
  await eventually(async () => {
    const text = await shown(id);
    for (const words of expected) expect(text).toContain(words);
  }, PATIENCE_MS);
}

/** State and exit code of each run of a job, the earliest first. */
async function runs(id: string): Promise<string[]> {
  const columns = ['--format=State,ExitCode', '--parsable2', '--noheader', '--allocations'];
  const printed = await slurm.run('sacct', ['--jobs', id, '--duplicates', ...columns]);
  return printed.trim().split('\n');
}

describe('a real Slurm', () => {
  it('is of the release that was asked for', async () => {
    expect(await slurm.run('squeue', ['--version'])).toMatch(new RegExp(`^slurm[a-z-]* ${RELEASE.slurm}\\.`));
  });

  it('has nodes with GPUs of several types, and features', async () => {
    const printed = await slurm.run('sinfo', ['--noheader', '--Node', '--partition=main', '--format=%N %T %G %f']);
    expect(printed.trim().split('\n')).toEqual([
      'cn-a001 idle gpu:rtx8000:2 x86,turing',
      'cn-a002 idle gpu:rtx8000:2 x86,turing',
      'cn-b001 idle gpu:a100:2,gpu:v100:1 x86,ampere,nvlink',
      'cn-c001 idle (null) x86',
    ]);
  });

  it('runs a job as who submitted it, and accounts for it', async () => {
    const id = await slurm.submit({ user: 'carol', script: '[ "$(id -un)" = carol ]', name: 'who' });
    await untilShown(id, 'JobState=COMPLETED', 'JobName=who', 'Account=language');
    await eventually(async () => {
      expect(await runs(id)).toEqual(['COMPLETED|0:0']);
    }, PATIENCE_MS);
  });

  it('says with what a job failed', async () => {
    const id = await slurm.submit({ script: 'exit 3' });
    await untilShown(id, 'JobState=FAILED', 'ExitCode=3:0');
    await eventually(async () => {
      expect(await runs(id)).toEqual(['FAILED|3:0']);
    }, PATIENCE_MS);
  });

  it('gives a job the GPUs that it asks for', async () => {
    const id = await slurm.submit({ script: 'sleep 300', args: ['--partition=gpu', '--gres=gpu:a100:2'] });
    await untilShown(id, 'JobState=RUNNING', 'NodeList=cn-b001');
    const node = await slurm.run('scontrol', ['show', 'node', 'cn-b001', '--details']);
    expect(node).toContain('GresUsed=gpu:a100:2(IDX:0-1)');
    await slurm.run('scancel', [id]);
  });

  it('cancels a job that runs and one that waits', async () => {
    const running = await slurm.submit({ script: 'sleep 300' });
    const held = await slurm.submit({ script: 'sleep 300', args: ['--hold'] });
    await untilShown(running, 'JobState=RUNNING');
    await untilShown(held, 'JobState=PENDING', 'Reason=JobHeldUser');
    await slurm.run('scancel', [running, held]);
    await untilShown(running, 'JobState=CANCELLED');
    await untilShown(held, 'JobState=CANCELLED');
  });

  it('runs a job again after a requeue, and accounts for both runs', async () => {
    const id = await slurm.submit({ script: '[ -n "$SLURM_RESTART_COUNT" ] || sleep 300' });
    await untilShown(id, 'JobState=RUNNING', 'Restarts=0');
    await slurm.run('scontrol', ['requeue', id]);
    await untilShown(id, 'JobState=COMPLETED', 'Restarts=1');
    await eventually(async () => {
      expect(await runs(id)).toEqual(['REQUEUED|0:0', 'COMPLETED|0:0']);
    }, PATIENCE_MS);
  });

  it('drains a node', async () => {
    await slurm.run('scontrol', ['update', 'NodeName=cn-c001', 'State=DRAIN', 'Reason=broken fan']);
    expect(await slurm.run('sinfo', ['--noheader', '--nodes=cn-c001', '--format=%T %E'])).toContain(
      'drained broken fan',
    );
    await slurm.run('scontrol', ['update', 'NodeName=cn-c001', 'State=RESUME']);
    await slurm.untilNodesAreReady();
  });

  it('answers HTTP to root by a socket, in each of its versions', async () => {
    const rest = await slurm.slurmrestd('local');
    for (const version of RELEASE.restVersions) {
      for (const list of [`/slurm/${version}/jobs`, `/slurmdb/${version}/jobs`]) {
        expect(await getJson(rest.address, list)).toMatchObject({
          status: 200,
          body: { jobs: expect.any(Array) as unknown, errors: [] },
        });
      }
    }
    await rest.stop();
  });

  it('answers HTTP to who has a token, and to nobody else', async () => {
    const rest = await slurm.slurmrestd('jwt');
    const path = `/slurm/${String(RELEASE.restVersions.at(-1))}/jobs`;
    const token = await slurm.token('alice');
    const headers = { 'X-SLURM-USER-NAME': 'alice', 'X-SLURM-USER-TOKEN': token };
    expect(await getJson(rest.address, path, headers)).toMatchObject({ status: 200, body: { errors: [] } });
    expect((await getJson(rest.address, path)).status).toBe(401);
    await rest.stop();
  });

  it('goes on without its accounting', async () => {
    await slurm.stopDatabase();
    const { code, stderr } = await slurm.attempt('sacct');
    expect(code).toBe(1);
    expect(stderr).toContain('Connection refused');
    const id = await slurm.submit();
    await untilShown(id, 'JobState=COMPLETED');
    await slurm.startDatabase();
    await eventually(async () => {
      expect(await runs(id)).toEqual(['COMPLETED|0:0']);
    }, PATIENCE_MS);
  });

  it('loses the jobs of a node whose power fails', async () => {
    const id = await slurm.submit({ script: 'sleep 300', args: ['--nodelist=cn-a002', '--no-requeue'] });
    await untilShown(id, 'JobState=RUNNING');
    await slurm.stopNode('cn-a002');
    await slurm.run('scontrol', ['update', 'NodeName=cn-a002', 'State=DOWN', 'Reason=power']);
    await untilShown(id, 'JobState=NODE_FAIL');
    await slurm.startNode('cn-a002');
    await eventually(async () => {
      expect(await slurm.run('sinfo', ['--noheader', '--nodes=cn-a002', '--format=%T'])).toMatch(/^idle\n/);
    }, PATIENCE_MS);
  });

  it('keeps its jobs over a restart of slurmctld', async () => {
    const id = await slurm.submit({ script: 'sleep 300' });
    await untilShown(id, 'JobState=RUNNING');
    await slurm.stopController();
    expect((await slurm.attempt('scontrol', ['ping'])).code).not.toBe(0);
    await slurm.startController();
    await untilShown(id, 'JobState=RUNNING');
  });

  it('forgets its jobs when it is wiped, gives ids anew and goes on accounting', async () => {
    const before = await slurm.submit({ script: 'sleep 300' });
    await untilShown(before, 'JobState=RUNNING');
    await slurm.wipeController();
    expect((await slurm.attempt('scontrol', ['show', 'job', before])).stderr).toContain('Invalid job id');
    const id = await slurm.submit({ script: 'exit 7' });
    expect(id).toBe('1');
    await untilShown(id, 'JobState=FAILED');
    await eventually(async () => {
      expect(await runs(id)).toEqual(['COMPLETED|0:0', 'FAILED|7:0']);
    }, PATIENCE_MS);
  });

  it('leaves another one alone, and without accounting keeps none', async () => {
    const other = await startSlurm({ clusterName: 'other', accounting: false });
    try {
      const id = await other.submit({ script: 'sleep 300', name: 'elsewhere' });
      expect(await other.run('squeue', ['--noheader', '--format=%i %j'])).toBe(`${id} elsewhere\n`);
      expect(await slurm.run('squeue', ['--noheader', '--format=%i %j'])).not.toContain('elsewhere');
      expect((await other.attempt('sacct')).code).not.toBe(0);
    } finally {
      await other.stop();
    }
  });

  it('says why it does not start, and leaves nothing', async () => {
    const ours = `clockwork-slurm-${process.pid}-`;
    const before = await processesOf(ours);
    const nodes = [{ name: 'cn-a001,', cpus: 1, memory: 1000, features: ['x86'], gpus: {} }];
    await expect(startSlurm({ accounting: false, nodes })).rejects.toThrow(
      /^slurmd-cn-a001, ended\n[^]*lookup failure/,
    );
    expect(await processesOf(ours)).toEqual(before);
    expect((await readdir(dirname(slurm.directory))).filter((name) => name.startsWith(ours))).toEqual([
      basename(slurm.directory),
    ]);
  });

  it('leaves no process and no file when it ends', async () => {
    const other = await startSlurm({ accounting: false });
    const id = await other.submit({ script: 'sleep 300' });
    await eventually(async () => {
      expect(await other.run('scontrol', ['show', 'job', id])).toContain('JobState=RUNNING');
    }, PATIENCE_MS);
    expect((await processesOf(other.directory)).length).toBeGreaterThan(other.pids.length);
    await other.stop();
    expect(await processesOf(other.directory)).toEqual([]);
    await expect(access(other.directory)).rejects.toThrow('ENOENT');
  });

  it('leaves no process when who started it is killed', async () => {
    const program = `
      const { startSlurm } = await import(${JSON.stringify(join(import.meta.dirname, 'support/index.ts'))});
      const slurm = await startSlurm({ accounting: false });
      await slurm.submit({ script: 'sleep 300' });
      console.log(slurm.directory);
      setInterval(() => undefined, 1e6);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed] = (await once(child.stdout, 'data')) as [Buffer];
    const directory = printed.toString().trim();
    expect(await processesOf(directory)).not.toEqual([]);
    child.kill('SIGKILL');
    await eventually(async () => {
      expect(await processesOf(directory)).toEqual([]);
    }, PATIENCE_MS);
  });
});
