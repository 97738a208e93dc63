import { resolve } from 'node:path';
import type { CommandSource, FileSource, SlurmrestdSource, SourceConfiguration, SshSource } from '#libs/slurm';
import type { YamlMapping, YamlValue } from './yaml-value.js';

export const SOURCE_KINDS = ['command', 'ssh', 'slurmrestd', 'file'] as const;

const COMMANDS_KEYS = ['prefix', 'environment'];
const SSH_KEYS = ['host', 'options', ...COMMANDS_KEYS];
const SLURMRESTD_KEYS = ['socket', 'url', 'token_file', 'token_command', 'user'];
const FILE_KEYS = ['directory'];

const A_SOURCE = `exactly one of ${SOURCE_KINDS.join(', ')}`;
const A_WORD = 'one word of the command, as text';
const A_HOST = 'a host as the ssh client takes it, such as slurm@login.example.org';
const A_DIRECTORY = 'the path of the directory that the reports are put into';
const AN_ADDRESS = 'either the path of a socket or a url';
const A_SOCKET = "the path of slurmrestd's Unix socket, of at most 107 bytes";
const A_URL = 'the http or https URL of slurmrestd, such as http://127.0.0.1:6820';
const A_TOKEN = 'either token_file or token_command';
const A_TOKEN_FILE = 'the path of a file that holds the JWT';
const A_USER = 'the name that is sent as X-SLURM-USER-NAME';

/** Of the address of a Unix socket on Linux (unix(7)), less the NUL behind it. */
const MOST_SOCKET_BYTES = 107;

/**
 * How a cluster is reached: the one of its keys that says so.
 * @param directory of the file, where relative paths begin
 */
export function sourceOf(cluster: YamlMapping, directory: string): SourceConfiguration {
  const [first, ...more] = SOURCE_KINDS.flatMap((kind) => {
    const value = cluster.get(kind);
    return value === undefined ? [] : [{ kind, value }];
  });
  for (const { value } of more) value.problem(`is a source beside ${first?.kind ?? ''}; a cluster takes ${A_SOURCE}.`);
  switch (first?.kind) {
    case 'ssh':
      return sshSource(first.value);
    case 'slurmrestd':
      return slurmrestdSource(first.value, directory);
    case 'file':
      return fileSource(first.value, directory);
    case 'command':
      return commandSource(first.value);
    case undefined:
      cluster.problem(`says of no source how its Slurm is reached; a cluster takes ${A_SOURCE}.`);
      return { kind: 'command', prefix: [], environment: {} };
  }
}

function commandSource(value: YamlValue): CommandSource {
  return { kind: 'command', ...commands(value.mapping(COMMANDS_KEYS)) };
}

function sshSource(value: YamlValue): SshSource {
  const fields = value.mapping(SSH_KEYS);
  return {
    kind: 'ssh',
    // One with a dash in front would be an option, such as ProxyCommand, and run what it says.
    host: fields.needed('host', A_HOST).text(A_HOST, (host) => (/^[^-\s]\S*$/.test(host) ? null : 'is no host')),
    options: words(fields.get('options')),
    ...commands(fields),
  };
}

function commands(fields: YamlMapping): Pick<CommandSource, 'prefix' | 'environment'> {
  return { prefix: words(fields.get('prefix')), environment: environment(fields.get('environment')) };
}

function words(value: YamlValue | undefined, least: 0 | 1 = 0): string[] {
  return value?.list('words, each an argument of its own', least).map((item) => item.text(A_WORD)) ?? [];
}

function environment(value: YamlValue | undefined): Record<string, string> {
  const variables = [...(value?.mapping(null).entries() ?? [])].map(([name, variable]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      variable.problem('is no name of a variable; it takes letters, digits and _, and no digit in front.');
    }
    return [name, variable.text('the value as text')] as const;
  });
  return Object.fromEntries(variables);
}

function slurmrestdSource(value: YamlValue, directory: string): SlurmrestdSource {
  const fields = value.mapping(SLURMRESTD_KEYS);
  const token = tokenOf(fields, directory);
  return {
    kind: 'slurmrestd',
    address: addressOf(fields, directory, token !== null),
    token,
    user: fields.get('user')?.text(A_USER, (user) => (/^[\x21-\x7e]+$/.test(user) ? null : 'is no name')) ?? null,
  };
}

function addressOf(fields: YamlMapping, directory: string, hasToken: boolean): SlurmrestdSource['address'] {
  const socket = fields.get('socket');
  const url = fields.get('url');
  if (socket === undefined && url === undefined) fields.problem(`has no address; it takes ${AN_ADDRESS}.`);
  if (socket !== undefined && url !== undefined) url.problem(`is given beside socket; it takes ${AN_ADDRESS}.`);
  if (url !== undefined) return { url: url.text(A_URL, (text) => urlProblem(text, hasToken)).replace(/\/+$/, '') };
  return { socket: path(socket, A_SOCKET, directory, socketProblem) };
}

function tokenOf(fields: YamlMapping, directory: string): SlurmrestdSource['token'] {
  const file = fields.get('token_file');
  const command = fields.get('token_command');
  if (file !== undefined && command !== undefined) {
    command.problem(`is given beside token_file; it takes ${A_TOKEN}.`);
  }
  // Whether it can be read is told when it is: it may come, go and change while the collector runs.
  if (file !== undefined) return { file: path(file, A_TOKEN_FILE, directory) };
  if (command === undefined) return null;
  return { command: words(command, 1) };
}

function fileSource(value: YamlValue, directory: string): FileSource {
  const fields = value.mapping(FILE_KEYS);
  return { kind: 'file', directory: path(fields.needed('directory', A_DIRECTORY), A_DIRECTORY, directory) };
}

function path(
  value: YamlValue | undefined,
  takes: string,
  directory: string,
  check: (resolved: string) => string | null = () => null,
): string {
  const text = value?.text(takes, (given) =>
    given.startsWith('~') ? 'begins with ~, which only a shell knows' : check(resolve(directory, given)),
  );
  return text === undefined ? '' : resolve(directory, text);
}

function socketProblem(resolved: string): string | null {
  const bytes = Buffer.byteLength(resolved);
  return bytes > MOST_SOCKET_BYTES ? `is the path of a socket of ${bytes} bytes, which is too long` : null;
}

function urlProblem(text: string, hasToken: boolean): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'is no URL of this kind';
  if (url.username !== '' || url.password !== '') return 'has a user or password in it, which slurmrestd does not take';
  if (url.search !== '' || url.hash !== '') return 'has a ? or # in it';
  if (hasToken && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return 'is plain http to another machine, where the token could be read on the way: use https, or a tunnel to this machine';
  }
  return null;
}

/** @param hostname as URL has it: addresses in their canonical form */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
