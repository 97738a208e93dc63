/** How a cluster is reached; what is in the clusters file, checked. */
export type SourceConfiguration = CommandSource | SshSource | SlurmrestdSource | FileSource;

interface Commands {
  /** Put in front of each command, word by word: `sudo -u slurm`, `chroot DIR`. Never given to a shell on this machine. */
  prefix: readonly string[];
  /** Variables for Slurm's commands, such as SLURM_CONF. */
  environment: Readonly<Record<string, string>>;
}

export interface CommandSource extends Commands {
  kind: 'command';
}

export interface SshSource extends Commands {
  kind: 'ssh';
  /** As for the OpenSSH client: a host, an alias of its configuration, `user@host`. */
  host: string;
  /** Further arguments of `ssh`, such as `-F`, `-i`, `-p`, `-o`. */
  options: readonly string[];
}

export interface SlurmrestdSource {
  kind: 'slurmrestd';
  address: { socket: string } | { url: string };
  /** Where the JWT comes from; null for rest_auth/local on a socket. */
  token: { file: string } | { command: readonly string[] } | null;
  /** X-SLURM-USER-NAME; null: not sent. */
  user: string | null;
}

/** A directory that somebody else fills. */
export interface FileSource {
  kind: 'file';
  directory: string;
}

export interface SourceLimits {
  /** Of one question. */
  timeLimitMs: number;
  outputLimitBytes: number;
}
