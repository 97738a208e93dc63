import { execFile, type ExecFileException } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  type ClusterPlan,
  DATABASE_SETUP,
  DEFAULT_NODES,
  gresConf,
  type NodePlan,
  portOf,
  slurmConf,
  slurmdbdConf,
} from './configuration.ts';
import { Daemon, type DaemonPlan } from './daemon.ts';
import { installed, SUBMITTERS } from './installation.ts';
import { PortBlock } from './port-block.ts';
import { type Release, RELEASES } from './releases.ts';

/** Accounts, and who is in them; the first is the default of each. */
export const ACCOUNTS = { vision: ['alice', 'bob'], language: ['carol', 'alice'] } as const;

const OUTPUT_LIMIT_BYTES = 2 ** 30;
const COMMAND_LIMIT_MS = 120_000;
const IDLE_LIMIT_MS = 60_000;

export interface SlurmOptions {
  release: Release;
  clusterName?: string;
  nodes?: readonly NodePlan[];
  /** With slurmdbd and its database; true unless said. */
  accounting?: boolean;
  /** Seconds for which slurmctld knows a job that has ended; 10 unless said. */
  minJobAge?: number;
}

export interface Submission {
  user?: (typeof SUBMITTERS)[number];
  /** What bash runs. */
  script?: string;
  name?: string;
  /** Further arguments of sbatch. */
  args?: readonly string[];
}

export interface CommandOptions {
  /** Root unless said. */
  user?: string;
  input?: string;
  environment?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RestServer {
  /** For `local`: the socket's path on this machine. */
  socket: string | null;
  /** For `jwt`. */
  url: string | null;
  stop(): Promise<void>;
}

type Part = 'munged' | 'mariadbd' | 'slurmdbd' | 'slurmctld';

/** A real Slurm on this machine, in a directory and on ports of its own. */
export class SlurmCluster {
  readonly release: Release;
  /** Words to put before one of its commands. */
  readonly prefix: readonly string[];
  /** Variables that its commands need. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its files as this machine sees them: configuration, logs, sockets. */
  readonly directory: string;
  readonly #root: string;
  readonly #plan: ClusterPlan;
  readonly #parts = new Map<Part, Daemon>();
  readonly #nodes = new Map<string, Daemon>();
  readonly #restServers = new Set<Daemon>();

  private constructor(release: Release, root: string, directory: string, plan: ClusterPlan) {
    this.release = release;
    this.#root = root;
    this.directory = directory;
    this.#plan = plan;
    this.environment = { SLURM_CONF: `${plan.directory}/slurm.conf` };
    this.prefix = root === '/' ? [] : ['chroot', root];
  }

  /** Takes some 10 s, and longer where the release is not installed yet. */
  static async start(options: SlurmOptions): Promise<SlurmCluster> {
    const { release } = options;
    const { root } = await installed(release);
    const home = root === '/' ? tmpdir() : join(root, 'tmp');
    await removeLeftovers(home);
    const directory = await mkdtemp(join(home, `${DIRECTORY_NAME}${process.pid}-`));
    const cluster = new SlurmCluster(release, root, directory, {
      clusterName: options.clusterName ?? 'testcluster',
      host: hostname().split('.', 1).join(''),
      directory: root === '/' ? directory : directory.slice(root.length),
      ports: await PortBlock.take(),
      nodes: options.nodes ?? DEFAULT_NODES,
      accounting: options.accounting ?? true,
      minJobAge: options.minJobAge ?? 10,
    });
    try {
      await cluster.#begin();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get clusterName(): string {
    return this.#plan.clusterName;
  }

  get pids(): number[] {
    return this.#daemons().map(({ pid }) => pid);
  }

  /** Runs one of Slurm's commands, however it ends. */
  attempt(command: string, args: readonly string[] = [], options: CommandOptions = {}): Promise<CommandResult> {
    const { user, input, environment = {} } = options;
    const variables = Object.entries({ ...this.environment, ...environment }).map(([name, value]) => `${name}=${value}`);
    const words = [...(user === undefined ? [] : [`--userspec=${user}:`]), this.#root, 'env', ...variables, command];
    const limits = { maxBuffer: OUTPUT_LIMIT_BYTES, timeout: COMMAND_LIMIT_MS, cwd: '/' };
    return new Promise((resolve, reject) => {
      const child = execFile('chroot', [...words, ...args], limits, (error: ExecFileException | null, stdout, stderr) => {
        if (error === null) resolve({ code: 0, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
        else reject(error);
      });
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input ?? '');
    });
  }

  /** Runs one of Slurm's commands. @returns what it printed */
  async run(command: string, args: readonly string[] = [], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(command, args, options);
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  async json<T>(command: string, args: readonly string[], options?: CommandOptions): Promise<T> {
    return JSON.parse(await this.run(command, args, options)) as T;
  }

  /** @returns the id that Slurm gave the job */
  async submit({ user = 'alice', script = 'true', name, args = [] }: Submission = {}): Promise<string> {
    const named = name === undefined ? [] : [`--job-name=${name}`];
    const words = ['--parsable', `--chdir=${this.#plan.directory}/work`, ...named, ...args];
    const printed = await this.run('sbatch', words, { user, input: `#!/bin/bash\n${script}\n` });
    return String(printed.trim().split(';', 1)[0]);
  }

  async startController(...args: readonly string[]): Promise<void> {
    await this.#startPart('slurmctld', ['slurmctld', '-D', ...args], {}, async () => {
      const { code } = await this.attempt('scontrol', ['ping']);
      return code === 0;
    });
  }

  async stopController(): Promise<void> {
    await this.#stopPart('slurmctld');
  }

  /** Its state is kept. */
  async restartController(): Promise<void> {
    await this.stopController();
    await this.startController();
  }

  /** Slurm forgets all jobs and gives ids from the first on again; accounting stays. */
  async wipeController(): Promise<void> {
    await this.stopController();
    const state = join(this.directory, 'state');
    for (const name of await readdir(state)) {
      // Tells slurmctld that it is the cluster that accounting knows.
      if (name !== 'clustername') await rm(join(state, name), { recursive: true });
    }
    await this.startController('-c');
    await this.untilNodesAreReady();
  }

  async startDatabase(): Promise<void> {
    const LD_LIBRARY_PATH = '/opt/lib';
    await this.#startPart(
      'slurmdbd',
      ['slurmdbd', '-D'],
      this.#root === '/' ? {} : { environment: { LD_LIBRARY_PATH } },
      () => answers(portOf(this.#plan, 'slurmdbd')),
    );
  }

  /** slurmdbd alone: what it has stored stays. */
  async stopDatabase(): Promise<void> {
    await this.#stopPart('slurmdbd');
  }

  async startNode(name: string): Promise<void> {
    const log = join(this.directory, `slurmd-${name}.log`);
    const plan = { name: `slurmd of ${name}`, command: ['slurmd', '-D', '-N', name], withItsChildren: true, log };
    this.#nodes.set(name, await this.#daemon(plan, () => Promise.resolve(true)));
  }

  /** Its slurmd and its jobs are killed, as if its power failed. */
  async stopNode(name: string): Promise<void> {
    await this.#nodes.get(name)?.kill();
    this.#nodes.delete(name);
  }

  async untilNodesAreReady(): Promise<void> {
    const deadline = performance.now() + IDLE_LIMIT_MS;
    for (;;) {
      const { stdout } = await this.attempt('sinfo', ['--noheader', '--Node', '--format=%N %t']);
      const lines = stdout.split('\n').filter((line) => line !== '');
      const notReady = lines.filter((line) => !/ (idle|mix|alloc|drain|drng|comp|resv)$/.test(line));
      if (lines.length > 0 && notReady.length === 0) return;
      for (const daemon of this.#nodes.values()) await daemon.mustRun();
      if (performance.now() > deadline) throw new Error(`nodes are not ready: ${notReady.join(', ')}`);
      await sleep(100);
    }
  }

  /** `local` lets root in, by a socket; `jwt` whoever has a token, by a URL. */
  async slurmrestd(auth: 'local' | 'jwt'): Promise<RestServer> {
    const port = portOf(this.#plan, 'slurmrestd');
    const path = `run/slurmrestd-${this.#restServers.size}.socket`;
    const local = auth === 'local';
    const listen = local ? `unix:${this.#plan.directory}/${path}` : `127.0.0.1:${port}`;
    const environment = local ? {} : { SLURM_JWT: 'daemon' };
    const socket = join(this.directory, path);
    const daemon = await this.#daemon(
      {
        name: 'slurmrestd',
        user: 'nobody',
        command: ['slurmrestd', '-a', `rest_auth/${auth}`, listen],
        environment,
        log: join(this.directory, `slurmrestd-${auth}.log`),
      },
      () => answers(local ? socket : port),
    );
    this.#restServers.add(daemon);
    return {
      socket: local ? socket : null,
      url: local ? null : `http://127.0.0.1:${port}`,
      stop: async () => {
        await daemon.stop();
        this.#restServers.delete(daemon);
      },
    };
  }

  /** A command that prints `SLURM_JWT=…`, for a user; valid for so many seconds. */
  tokenCommand(user: string, lifespan = 3_600): string[] {
    const variables = Object.entries(this.environment).map(([name, value]) => `${name}=${value}`);
    return [...this.prefix, 'env', ...variables, 'scontrol', 'token', `username=${user}`, `lifespan=${lifespan}`];
  }

  async token(user: string, lifespan = 3_600): Promise<string> {
    const printed = await this.run('scontrol', ['token', `username=${user}`, `lifespan=${lifespan}`]);
    return printed.trim().replace('SLURM_JWT=', '');
  }

  /** Ends everything and removes its files. */
  async stop(): Promise<void> {
    await Promise.all([...this.#restServers, ...this.#nodes.values()].map((daemon) => daemon.kill()));
    await Promise.all(this.#daemons().map((daemon) => daemon.kill()));
    this.#plan.ports.free();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #begin(): Promise<void> {
    await this.#writeFiles();
    const { directory } = this.#plan;
    const munge = ['socket', 'pid-file', 'log-file', 'seed-file'].map((what) => `--${what}=${directory}/run/munge.${what.replace('-file', '')}`);
    await Promise.all([
      this.#startPart('munged', ['munged', '-F', '--force', ...munge, `--key-file=${directory}/munge.key`], {}, () =>
        exists(join(this.directory, 'run/munge.socket')),
      ),
      ...(this.#plan.accounting ? [this.#startMariadb()] : []),
    ]);
    if (this.#plan.accounting) {
      await this.startDatabase();
      await this.#fillAccounting();
    }
    await this.startController('-c');
    await Promise.all(this.#plan.nodes.map(({ name }) => this.startNode(name)));
    await this.untilNodesAreReady();
  }

  async #writeFiles(): Promise<void> {
    const file = (name: string) => join(this.directory, name);
    await chmod(this.directory, 0o755);
    for (const name of ['run', 'work', 'state']) await mkdir(file(name));
    await chmod(file('run'), 0o1777);
    await chmod(file('work'), 0o1777);
    await writeFile(file('munge.key'), randomBytes(128), { mode: 0o400 });
    await writeFile(file('jwt.key'), randomBytes(32), { mode: 0o600 });
    await writeFile(file('slurm.conf'), slurmConf(this.#plan));
    await writeFile(file('gres.conf'), gresConf(this.#plan));
    await writeFile(file('cgroup.conf'), RELEASES[this.release].cgroupConf);
    await writeFile(file('slurmdbd.conf'), slurmdbdConf(this.#plan), { mode: 0o600 });
    await writeFile(file('setup.sql'), DATABASE_SETUP);
  }

  async #startMariadb(): Promise<void> {
    const { directory } = this.#plan;
    const where = [`--datadir=${directory}/mysql`, '--user=mysql'];
    await this.run('mariadb-install-db', ['--no-defaults', ...where, '--skip-test-db', '--auth-root-authentication-method=normal']);
    const port = portOf(this.#plan, 'database');
    const quick = ['--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=32M', '--innodb-lock-wait-timeout=900'];
    const listen = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${directory}/run/mysql.socket`];
    const command = ['mariadbd', '--no-defaults', ...where, ...listen, ...quick, `--init-file=${directory}/setup.sql`];
    await this.#startPart('mariadbd', command, { user: 'mysql' }, () => answers(port));
  }

  async #fillAccounting(): Promise<void> {
    const add = (...words: readonly string[]) => this.run('sacctmgr', ['--immediate', 'add', ...words]);
    await add('cluster', this.clusterName);
    await add('account', Object.keys(ACCOUNTS).join());
    for (const [account, users] of Object.entries(ACCOUNTS)) await add('user', users.join(), `account=${account}`);
  }

  async #startPart(
    name: Part,
    command: readonly string[],
    extra: Pick<DaemonPlan, 'user' | 'environment'>,
    ready: () => Promise<boolean>,
  ): Promise<void> {
    if (this.#parts.get(name)?.running === true) throw new Error(`${name} is running already`);
    const log = join(this.directory, `${name}.log`);
    this.#parts.set(name, await this.#daemon({ name, command, log, ...extra }, ready));
  }

  async #stopPart(name: Part): Promise<void> {
    await this.#parts.get(name)?.stop();
    this.#parts.delete(name);
  }

  #daemon(plan: Omit<DaemonPlan, 'root'>, ready: () => Promise<boolean>): Promise<Daemon> {
    const environment = { ...this.environment, ...plan.environment };
    return Daemon.start({ ...plan, root: this.#root, environment }, ready);
  }

  #daemons(): Daemon[] {
    return [...this.#restServers, ...this.#nodes.values(), ...this.#parts.values()];
  }
}

const DIRECTORY_NAME = 'clockwork-slurm-';

/** Of runs that were killed. */
async function removeLeftovers(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(DIRECTORY_NAME)) continue;
    const pid = Number(name.slice(DIRECTORY_NAME.length).split('-', 1)[0]);
    if (await exists(`/proc/${pid}`)) continue;
    await rm(join(home, name), { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Whether something listens on a port of this machine, or a socket. */
function answers(address: number | string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = typeof address === 'number' ? connect(address, '127.0.0.1') : connect(address);
    const tell = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => {
      tell(true);
    });
    socket.once('error', () => {
      tell(false);
    });
  });
}
