import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type ClusterPlan, DEFAULT_NODES, type NodePlan, portOf, restPort } from './configuration.ts';
import { writeConfiguration } from './configuration-files.ts';
import { Daemon, type DaemonPlan } from './daemon.ts';
import { installed } from './installation.ts';
import { listensOn } from './listening.ts';
import { PortBlock } from './port-block.ts';
import { exists, newDirectory, removeDirectory, removeLeftovers, seenFrom } from './private-directory.ts';
import { type Release, RELEASES } from './releases.ts';
import { SlurmCommands } from './slurm-commands.ts';

/** Accounts, and who is in them; the first account of a user is the default. */
export const ACCOUNTS = { vision: ['alice', 'bob'], language: ['carol', 'alice'] } as const;

const POLL_MS = 100;
const NODES_LIMIT_MS = 60_000;
const QUICK_DATABASE = ['--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=32M'];

export interface SlurmOptions {
  release: Release;
  clusterName?: string;
  nodes?: readonly NodePlan[];
  /** With slurmdbd and its database; true unless said. */
  accounting?: boolean;
  /** Seconds for which slurmctld knows a job that has ended; 10 unless said. */
  minJobAge?: number;
}

/** A slurmrestd: on a socket of this machine for `rest_auth/local`, which lets root in; at a URL for `rest_auth/jwt`. */
export interface RestServer<Address> {
  address: Address;
  stop(): Promise<void>;
}

type Part = 'munged' | 'mariadbd' | 'slurmdbd' | 'slurmctld';

/** A real Slurm on this machine, in a directory and on ports of its own. It ends with this process at the latest. */
export class SlurmCluster extends SlurmCommands {
  readonly release: Release;
  /** Its files as this machine sees them: configuration, logs, sockets. */
  readonly directory: string;
  readonly #root: string;
  readonly #plan: ClusterPlan;
  readonly #parts = new Map<Part, Daemon>();
  readonly #nodes = new Map<string, Daemon>();
  readonly #restServers = new Set<Daemon>();
  #restServersSoFar = 0;

  private constructor(release: Release, root: string, directory: string, plan: ClusterPlan) {
    super(root, plan.directory);
    this.release = release;
    this.directory = directory;
    this.#root = root;
    this.#plan = plan;
  }

  /** Takes 5 s, and minutes where the release is not installed yet. */
  static async start(options: SlurmOptions): Promise<SlurmCluster> {
    const { release } = options;
    const root = await installed(release);
    await removeLeftovers(root);
    const ports = await PortBlock.take();
    const directory = await newDirectory(root);
    const cluster = new SlurmCluster(release, root, directory, {
      clusterName: options.clusterName ?? 'testcluster',
      host: String(hostname().split('.', 1)[0]),
      directory: seenFrom(root, directory),
      ports,
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

  /** Of what runs now: daemons, not jobs. */
  get pids(): number[] {
    return this.#daemons().map(({ pid }) => pid);
  }

  async startController(...args: readonly string[]): Promise<void> {
    await this.#startPart('slurmctld', { command: ['slurmctld', '-D', ...args] }, async () => {
      const { code } = await this.attempt('scontrol', ['ping']);
      return code === 0;
    });
  }

  /** Its state is kept. */
  async stopController(): Promise<void> {
    await this.#stopPart('slurmctld');
  }

  async restartController(): Promise<void> {
    await this.stopController();
    await this.startController();
  }

  /** Slurm forgets all jobs, the running ones too, and gives ids from the first on again; accounting stays. */
  async wipeController(): Promise<void> {
    const nodes = [...this.#nodes.keys()];
    await Promise.all(nodes.map((name) => this.stopNode(name)));
    await this.stopController();
    await Promise.all([
      this.#removeFrom('state', /^(job_state|hash\.)/),
      // A job of another user could not write where the one of the same id has written.
      this.#removeFrom('work', /^/),
      // Nodes remember the ids whose jobs they are not to start again.
      this.#removeFrom('.', /^spool-/),
    ]);
    await this.startController('-c');
    await Promise.all(nodes.map((name) => this.startNode(name)));
    await this.untilNodesAreReady();
  }

  async startDatabase(): Promise<void> {
    // Where it is run by chroot, with the client library that it goes together with.
    const environment = this.#root === '/' ? {} : { LD_LIBRARY_PATH: '/opt/lib' };
    const ready = () => listensOn(portOf(this.#plan, 'slurmdbd'));
    await this.#startPart('slurmdbd', { command: ['slurmdbd', '-D'], environment }, ready);
  }

  /** slurmdbd alone: what it has stored stays. */
  async stopDatabase(): Promise<void> {
    await this.#stopPart('slurmdbd');
  }

  async startNode(name: string): Promise<void> {
    const log = join(this.directory, `slurmd-${name}.log`);
    const command = ['slurmd', '-D', '-N', name];
    // Whether it is ready, slurmctld knows.
    const ready = () => Promise.resolve(true);
    this.#nodes.set(name, await this.#daemon({ name: `slurmd-${name}`, command, withItsChildren: true, log }, ready));
  }

  /** Its slurmd and its jobs are killed, as if its power failed. */
  async stopNode(name: string): Promise<void> {
    await this.#nodes.get(name)?.kill();
    this.#nodes.delete(name);
  }

  /** Those whose slurmd runs. */
  async untilNodesAreReady(): Promise<void> {
    const deadline = performance.now() + NODES_LIMIT_MS;
    for (;;) {
      for (const daemon of this.#nodes.values()) await daemon.mustRun();
      const { stdout } = await this.attempt('sinfo', ['--noheader', '--Node', '--format=%N %t']);
      const states = new Map(stdout.split('\n').map((line) => line.split(' ', 2) as [string, string | undefined]));
      const notReady = [...this.#nodes.keys()].filter((name) => /unk|down|[*]|^$/.test(states.get(name) ?? ''));
      if (notReady.length === 0) return;
      if (performance.now() > deadline) throw new Error(`nodes are not ready: ${notReady.join(', ')}`);
      await sleep(POLL_MS);
    }
  }

  async slurmrestd(auth: 'local'): Promise<RestServer<{ socket: string }>>;
  async slurmrestd(auth: 'jwt'): Promise<RestServer<{ url: string }>>;
  async slurmrestd(auth: 'local' | 'jwt'): Promise<RestServer<{ socket: string } | { url: string }>> {
    const name = `slurmrestd-${this.#restServersSoFar}`;
    const port = restPort(this.#plan, this.#restServersSoFar);
    this.#restServersSoFar += 1;
    const socket = join(this.directory, `run/${name}.socket`);
    const listen = auth === 'local' ? `unix:${seenFrom(this.#root, socket)}` : `127.0.0.1:${port}`;
    const plugins = this.#plan.accounting ? [] : ['-s', RELEASES[this.release].restPlugins];
    const daemon = await this.#daemon(
      {
        name,
        user: 'nobody',
        command: ['slurmrestd', ...plugins, '-a', `rest_auth/${auth}`, listen],
        // Without it no token is let in.
        environment: auth === 'jwt' ? { SLURM_JWT: 'daemon' } : {},
        log: join(this.directory, `${name}.log`),
      },
      () => listensOn(auth === 'local' ? socket : port),
    );
    this.#restServers.add(daemon);
    return {
      address: auth === 'local' ? { socket } : { url: `http://127.0.0.1:${port}` },
      stop: async () => {
        await daemon.kill();
        this.#restServers.delete(daemon);
      },
    };
  }

  /** Ends everything, jobs too, and removes its files. */
  async stop(): Promise<void> {
    await Promise.all(this.#daemons().map((daemon) => daemon.kill()));
    this.#plan.ports.free();
    await removeDirectory(this.directory);
  }

  async #begin(): Promise<void> {
    await writeConfiguration(this.#plan, this.directory, this.release);
    await allSettled([this.#startMunge(), ...(this.#plan.accounting ? [this.#startMariadb()] : [])]);
    if (this.#plan.accounting) {
      await this.startDatabase();
      await this.#fillAccounting();
    }
    await this.startController('-c');
    await Promise.all(this.#plan.nodes.map(({ name }) => this.startNode(name)));
    await this.untilNodesAreReady();
  }

  async #startMunge(): Promise<void> {
    const run = `${this.#plan.directory}/run/munge`;
    const files = [
      `--socket=${run}.socket`,
      `--pid-file=${run}.pid`,
      `--log-file=${run}.log`,
      `--seed-file=${run}.seed`,
    ];
    const command = ['munged', '-F', '--force', ...files, `--key-file=${this.#plan.directory}/munge.key`];
    await this.#startPart('munged', { command }, () => exists(join(this.directory, 'run/munge.socket')));
  }

  async #startMariadb(): Promise<void> {
    const { directory } = this.#plan;
    const where = ['--no-defaults', `--datadir=${directory}/mysql`, '--user=mysql'];
    // One that starts removes the temporary tables that lie where it puts its own: those of another that is being installed.
    const environment = { TMPDIR: `${directory}/run` };
    const install = [...where, '--skip-test-db', '--auth-root-authentication-method=normal'];
    await this.run('mariadb-install-db', install, { environment });
    const port = portOf(this.#plan, 'database');
    const listen = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${directory}/run/mysql.socket`];
    const command = ['mariadbd', ...where, ...listen, ...QUICK_DATABASE, `--init-file=${directory}/setup.sql`];
    await this.#startPart('mariadbd', { command, user: 'mysql', environment }, () => listensOn(port));
  }

  async #fillAccounting(): Promise<void> {
    const add = (...words: readonly string[]) => this.run('sacctmgr', ['--immediate', 'add', ...words]);
    await add('cluster', this.clusterName);
    await add('account', Object.keys(ACCOUNTS).join());
    for (const [account, users] of Object.entries(ACCOUNTS)) await add('user', users.join(), `account=${account}`);
  }

  async #removeFrom(directory: string, names: RegExp): Promise<void> {
    const path = join(this.directory, directory);
    const chosen = (await readdir(path)).filter((name) => names.test(name));
    await Promise.all(chosen.map((name) => removeDirectory(join(path, name))));
  }

  async #startPart(
    name: Part,
    plan: Pick<DaemonPlan, 'command' | 'user' | 'environment'>,
    ready: () => Promise<boolean>,
  ): Promise<void> {
    if (this.#parts.get(name)?.running === true) throw new Error(`${name} is running already`);
    this.#parts.set(name, await this.#daemon({ name, ...plan, log: join(this.directory, `${name}.log`) }, ready));
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

/** Waits for all, also where one fails: what is started while others are being ended would be left. */
async function allSettled(tasks: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(tasks);
  await Promise.all(tasks);
}
