import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { commandEnvironment } from './command-environment.js';
import type { CommandTransport, PlacedCommand } from './command-transport.js';
import { complaint } from './complaint.js';
import { runProcess, type ProcessEnd } from './process-run.js';
import { shellWord } from './shell-word.js';
import { SourceError } from './slurm-source.js';
import type { SourceLimits, SshSource } from './source-configuration.js';

/** What ssh ends with when it did not get as far as the command. */
const SSH_FAILED = 255;

/** A Unix socket's path is at most 104 bytes on macOS; ssh binds one with a dot and 16 letters more, and then renames it. */
const LONGEST_DIRECTORY = 104 - '/connection'.length - 17 - 1;

/** How long the connection waits for the next question when nobody ended it, as when this process was killed. */
const KEPT_OPEN_SECONDS = 600;

const CLOSE_LIMITS: SourceLimits = { timeLimitMs: 5_000, outputLimitBytes: 65_536 };

/**
 * Another machine, by the OpenSSH client: its configuration, keys, jump hosts and the check of the host's key are as the account
 * has them. The first question opens one connection, which the others share by a socket in a directory of our own.
 */
export class SshTransport implements CommandTransport {
  readonly place: string;
  readonly #source: SshSource;
  #directory: Promise<string> | null = null;

  constructor(source: SshSource) {
    this.#source = source;
    this.place = `on ${source.host} by ssh`;
  }

  async run({ words, environment, limits, signal, consume }: PlacedCommand): Promise<ProcessEnd> {
    this.#directory ??= controlDirectory();
    const directory = await this.#directory;
    const variables = { LC_ALL: 'C', ...environment, ...this.#source.environment };
    return runProcess({
      argv: [
        ...this.#client(directory),
        // ssh takes what it is told first.
        ...this.#source.options,
        ...['-o', `ControlPersist=${KEPT_OPEN_SECONDS}`],
        ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=3'],
        ...['-o', `ConnectTimeout=${Math.max(1, Math.ceil(Math.min(limits.timeLimitMs, 30_000) / 1_000))}`],
        '--',
        this.#source.host,
        remoteCommand(variables, limits, [...this.#source.prefix, ...words]),
      ],
      environment: commandEnvironment(),
      limits,
      signal,
      consume,
    });
  }

  failure(end: ProcessEnd): SourceError | null {
    if (end.code !== SSH_FAILED) return null;
    const { host } = this.#source;
    const said = complaint(end.stderr);
    const ended = said === '' ? 'ssh ended with status 255 and said nothing' : said;
    if (/host key verification failed|host identification has changed|host key is known/i.test(end.stderr)) {
      const message =
        `ssh does not trust the key of ${host}: ${ended}. As the account that Clockwork runs as, run \`ssh ${host}\` once, ` +
        'compare the fingerprint with what the administrator of that machine says, and accept it; or put the key into known_hosts.';
      return new SourceError('unauthorized', message);
    }
    if (/permission denied|too many authentication failures|no supported authentication/i.test(end.stderr)) {
      const message =
        `${host} did not let us in: ${ended}. Nobody is there to type a password: give the account that Clockwork runs as a key ` +
        `that ${host} accepts, so that \`ssh -o BatchMode=yes ${host} true\` works.`;
      return new SourceError('unauthorized', message);
    }
    const message = `${host} cannot be reached: ${ended}. Try \`ssh ${host}\` as the account that Clockwork runs as.`;
    return new SourceError('unreachable', message);
  }

  async close(): Promise<void> {
    if (this.#directory === null) return;
    const directory = await this.#directory;
    this.#directory = null;
    await runProcess({
      argv: [...this.#client(directory), '-O', 'exit', ...this.#source.options, '--', this.#source.host],
      environment: commandEnvironment(),
      limits: CLOSE_LIMITS,
      signal: new AbortController().signal,
      consume: () => undefined,
    });
    await rm(directory, { recursive: true, force: true });
  }

  /** What must hold, whatever the configuration says: never a question, never a terminal, and a connection of ours alone. */
  #client(directory: string): string[] {
    return [
      ...['ssh', '-T', '-x', '-o', 'BatchMode=yes'],
      ...['-o', 'ControlMaster=auto', '-o', `ControlPath=${join(directory, 'connection').replaceAll('%', '%%')}`],
      ...['-o', 'ForwardAgent=no', '-o', 'ClearAllForwardings=yes', '-o', 'RemoteCommand=none'],
    ];
  }
}

/**
 * One string, for the login shell over there. Ending ssh here ends no command there: it goes on until it writes into the closed
 * connection, and one that hangs would stay. So `timeout` (GNU coreutils) is put before it, with time to spare: the limit here holds
 * first, and does not count what we take over the records.
 */
function remoteCommand(
  variables: Readonly<Record<string, string>>,
  limits: SourceLimits,
  words: readonly string[],
): string {
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const seconds = Math.ceil((2 * limits.timeLimitMs) / 1_000) + 5;
  return ['exec', 'env', ...assignments, 'timeout', '-k', '2', String(seconds), ...words].map(shellWord).join(' ');
}

/** Mode 700. The one of TMPDIR, where that is not too long for a socket. */
async function controlDirectory(): Promise<string> {
  const parent = tmpdir();
  const name = 'clockwork-ssh-';
  const fits = Buffer.byteLength(parent) + 1 + name.length + 6 <= LONGEST_DIRECTORY;
  return mkdtemp(join(fits ? parent : '/tmp', name));
}
