import { execFile, type ExecFileException } from 'node:child_process';

const OUTPUT_LIMIT_BYTES = 2 ** 30;
const LIMIT_MS = 120_000;

/** Daemons, and what makes users and mounts, lie where not everybody's PATH leads. */
export const PROCESS_ENVIRONMENT: Readonly<NodeJS.ProcessEnv> = {
  ...process.env,
  PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`,
};

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

export interface Submission {
  /** alice unless said. */
  user?: string;
  /** What bash runs; `true` unless said. */
  script?: string;
  name?: string;
  /** Further arguments of sbatch. */
  args?: readonly string[];
}

/** How the commands of one Slurm are run. */
export class SlurmCommands {
  /** Words to put before one of its commands. */
  readonly prefix: readonly string[];
  /** Variables that its commands need. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #root: string;
  readonly #workDirectory: string;

  /**
   * @param root "/", or where they are run by chroot
   * @param directory of the configuration, as the commands see it
   */
  constructor(root: string, directory: string) {
    this.#root = root;
    this.#workDirectory = `${directory}/work`;
    this.prefix = root === '/' ? [] : ['chroot', root];
    this.environment = { SLURM_CONF: `${directory}/slurm.conf` };
  }

  /** Runs a command, however it ends. */
  attempt(command: string, args: readonly string[] = [], options: CommandOptions = {}): Promise<CommandResult> {
    const { user, input = '', environment = {} } = options;
    const variables = Object.entries({ ...this.environment, ...environment });
    const asUser = user === undefined ? [] : [`--userspec=${user}:`];
    const before = [...asUser, this.#root, 'env', ...variables.map(([name, value]) => `${name}=${value}`)];
    const limits = { maxBuffer: OUTPUT_LIMIT_BYTES, timeout: LIMIT_MS, cwd: '/', env: PROCESS_ENVIRONMENT };
    return new Promise((resolve, reject) => {
      const end = (error: ExecFileException | null, stdout: string, stderr: string) => {
        if (error === null) resolve({ code: 0, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
        else reject(new Error(`${command} was cut short`, { cause: error }));
      };
      const child = execFile('chroot', [...before, command, ...args], limits, end);
      // A command may end without having read its input.
      child.stdin?.on('error', () => undefined).end(input);
    });
  }

  /** Runs a command that has to succeed. @returns what it printed */
  async run(command: string, args: readonly string[] = [], options: CommandOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(command, args, options);
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** @returns the id that Slurm gave the job */
  async submit({ user = 'alice', script = 'true', name, args = [] }: Submission = {}): Promise<string> {
    const named = name === undefined ? [] : [`--job-name=${name}`];
    const words = ['--parsable', `--chdir=${this.#workDirectory}`, ...named, ...args];
    const printed = await this.run('sbatch', words, { user, input: `#!/bin/bash\n${script}\n` });
    return String(printed.trim().split(';', 1)[0]);
  }

  async token(user: string, lifespan = 3_600): Promise<string> {
    const printed = await this.run('scontrol', ['token', `username=${user}`, `lifespan=${lifespan}`]);
    return printed.trim().replace('SLURM_JWT=', '');
  }

  /** What prints `SLURM_JWT=…` for a user, to be run by another program. */
  tokenCommand(user: string, lifespan = 3_600): string[] {
    const variables = Object.entries(this.environment).map(([name, value]) => `${name}=${value}`);
    const words = ['scontrol', 'token', `username=${user}`, `lifespan=${lifespan}`];
    return [...this.prefix, 'env', ...variables, ...words];
  }
}
