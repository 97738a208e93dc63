import { existsSync } from 'node:fs';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const LOG_FORMATS = ['pretty', 'json'] as const;

export interface Configuration {
  /** The address to listen on; loopback unless told otherwise. */
  host: string;
  /** 0: any free port. */
  port: number;
  /** Undefined: the embedded database. */
  mongodbUri: string | undefined;
  /** Where the embedded database lives. */
  dataDir: string;
  /** A mongod binary to use for the embedded database. */
  mongodPath: string | undefined;
  /** The YAML file that describes the clusters to read; undefined: none is read. */
  clustersFile: string | undefined;
  logLevel: (typeof LOG_LEVELS)[number];
  logFormat: (typeof LOG_FORMATS)[number];
}

/** Every wrong variable at once, each with its name and what it takes. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(problems: string[]) {
    super(problems.join('\n'));
  }
}

/** Takes the variables of a `.env` file in the working directory, where there is one; the environment wins. */
export function loadDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/**
 * Reads and checks the environment. An empty variable counts as not set, as in a `.env` with nothing behind the `=`.
 * @throws ConfigurationError
 */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const problems: string[] = [];
  const text = (name: string): string | undefined => {
    const value = environment[name]?.trim();
    return value === '' ? undefined : value;
  };
  const oneOf = <T extends string>(name: string, choices: readonly T[], otherwise: T): T => {
    const value = text(name);
    if (value === undefined) return otherwise;
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined)
      problems.push(`${name} is ${JSON.stringify(value)}; it takes one of ${choices.join(', ')}.`);
    return choice ?? otherwise;
  };
  const port = text('PORT') ?? '3000';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    problems.push(`PORT is ${JSON.stringify(port)}; it takes a port number from 0 to 65535 (0 picks a free one).`);
  }
  const host = text('HOST') ?? '127.0.0.1';
  if (!/^[\w.:%-]+$/.test(host)) {
    problems.push(
      `HOST is ${JSON.stringify(host)}; it takes an address or a host name to listen on, such as 127.0.0.1.`,
    );
  }
  const mongodbUri = text('MONGODB_URI');
  if (mongodbUri !== undefined && !/^mongodb(\+srv)?:\/\/./.test(mongodbUri)) {
    // The value may hold a password: it is not repeated.
    problems.push(
      'MONGODB_URI takes a connection string that starts with mongodb:// or mongodb+srv://; unset, the embedded database is used.',
    );
  }
  const mongodPath = text('MONGOD');
  if (mongodPath !== undefined && !existsSync(mongodPath)) {
    problems.push(`MONGOD is ${JSON.stringify(mongodPath)}; it takes the path of a mongod binary, and there is none.`);
  }
  const clustersFile = text('CLOCKWORK_CLUSTERS');
  if (clustersFile !== undefined && !existsSync(clustersFile)) {
    problems.push(
      `CLOCKWORK_CLUSTERS is ${JSON.stringify(clustersFile)}; it takes the path of a YAML file that describes the clusters, and there is none.`,
    );
  }
  const configuration: Configuration = {
    host,
    port: Number(port),
    mongodbUri,
    dataDir: text('CLOCKWORK_DATA_DIR') ?? './data',
    mongodPath,
    clustersFile,
    logLevel: oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    logFormat: oneOf('LOG_FORMAT', LOG_FORMATS, process.stderr.isTTY ? 'pretty' : 'json'),
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return Object.freeze(configuration);
}
