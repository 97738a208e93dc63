import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';

const SSHD = '/usr/sbin/sshd';

/** Why no sshd can be had, in words; null where there is one, or one could be installed. */
export function sshdProblem(): string | null {
  if (existsSync(SSHD)) return null;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    return `there is no ${SSHD}, and only root can install it; Debian's package is openssh-server.`;
  }
  try {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    const install = ['install', '--yes', '--no-install-recommends', 'openssh-server'];
    execFileSync('apt-get', ['update'], { stdio: 'pipe', env: environment, timeout: 120_000 });
    execFileSync('apt-get', install, { stdio: 'pipe', env: environment, timeout: 120_000 });
    return null;
  } catch (error) {
    return `openssh-server could not be installed: ${(error as Error).message}`;
  }
}

/** A real sshd with keys of its own, for whoever runs the tests. */
export class LoopbackSshd {
  readonly host = `${userInfo().username}@127.0.0.1`;
  readonly #child: ChildProcess;

  private constructor(
    readonly directory: string,
    readonly port: number,
    child: ChildProcess,
  ) {
    this.#child = child;
  }

  static async start(): Promise<LoopbackSshd> {
    const directory = await mkdtemp(join(tmpdir(), 'clockwork-sshd-'));
    for (const key of ['host_key', 'user_key', 'other_key']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, key)]);
    }
    const port = await freePort();
    const configuration = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${directory}/host_key`,
      `AuthorizedKeysFile ${directory}/user_key.pub`,
      'PidFile none',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
      'LogLevel VERBOSE',
    ];
    await writeFile(join(directory, 'sshd_config'), `${configuration.join('\n')}\n`);
    const hostKey = await readFile(join(directory, 'host_key.pub'), 'utf8');
    await writeFile(join(directory, 'known_hosts'), `[127.0.0.1]:${port} ${hostKey}`);
    // Where root runs it, it wants this directory, which a package makes at boot.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    await chmod(directory, 0o755);
    const log = join(directory, 'log');
    const child = spawn(SSHD, ['-D', '-f', join(directory, 'sshd_config'), '-E', log], { stdio: 'ignore' });
    const sshd = new LoopbackSshd(directory, port, child);
    for (let tries = 0; !(await sshd.#log()).includes('Server listening'); tries += 1) {
      if (tries > 100) throw new Error(`sshd did not start: ${await sshd.#log()}`);
      await sleep(50);
    }
    return sshd;
  }

  /** For `ssh`: where it is, and who we are. */
  get options(): string[] {
    return [...this.optionsWithoutKey, '-i', join(this.directory, 'user_key')];
  }

  get optionsWithoutKey(): string[] {
    return [...this.#where, '-o', `UserKnownHostsFile=${this.directory}/known_hosts`];
  }

  get optionsWithoutKnownHost(): string[] {
    return [...this.#where, '-o', 'UserKnownHostsFile=/dev/null', '-i', join(this.directory, 'user_key')];
  }

  get #where(): string[] {
    const none = [
      '-F',
      'none',
      '-o',
      'GlobalKnownHostsFile=/dev/null',
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'IdentityAgent=none',
    ];
    return [...none, '-o', `IdentityFile=${this.directory}/other_key`, '-p', String(this.port)];
  }

  /** How often somebody was let in since the beginning. */
  async logins(): Promise<number> {
    return [...(await this.#log()).matchAll(/^Accepted publickey/gm)].length;
  }

  /** How many of those are still there. */
  async connections(): Promise<number> {
    const children = await readFile(`/proc/${this.#child.pid ?? 0}/task/${this.#child.pid ?? 0}/children`, 'utf8');
    return children.trim() === '' ? 0 : children.trim().split(' ').length;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill();
    await ended;
    await rm(this.directory, { recursive: true, force: true });
  }

  async #log(): Promise<string> {
    return readFile(join(this.directory, 'log'), 'utf8').catch(() => '');
  }
}
