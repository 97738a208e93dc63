import { existsSync } from 'node:fs';
import { type ArchiveConfiguration, readArchive } from './archive-configuration.js';
import { type AuditConfiguration, readAudit } from './audit-configuration.js';
import { EnvironmentReader } from './environment-reader.js';
import { type ExposureConfiguration, readExposure } from './exposure-configuration.js';
import { type LimitsConfiguration, readLimits } from './limits-configuration.js';
import { type LifecycleConfiguration, readLifecycle } from './lifecycle-configuration.js';
import { readTracing, type TracingConfiguration } from './tracing-configuration.js';

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
  limits: LimitsConfiguration;
  exposure: ExposureConfiguration;
  audit: AuditConfiguration;
  archive: ArchiveConfiguration;
  logLevel: (typeof LOG_LEVELS)[number];
  logFormat: (typeof LOG_FORMATS)[number];
  lifecycle: LifecycleConfiguration;
  tracing: TracingConfiguration;
}

/** Every wrong variable at once, each with its name and what it takes. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Takes the variables of a `.env` file in the working directory, where there is one; the environment wins, empty or not. */
export function loadDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/**
 * Reads and checks the environment.
 * @throws ConfigurationError
 */
export function readConfiguration(environment: NodeJS.ProcessEnv): Configuration {
  const reader = new EnvironmentReader(environment);
  const host = reader.text('HOST') ?? '127.0.0.1';
  if (!/^[\w.:%-]+$/.test(host)) {
    reader.refuse('HOST', host, 'an address or a host name to listen on, such as 127.0.0.1');
  }
  const mongodbUri = reader.text('MONGODB_URI');
  if (mongodbUri !== undefined && !/^mongodb(\+srv)?:\/\/./.test(mongodbUri)) {
    // The value may hold a password: it is not repeated.
    reader.problems.push(
      'MONGODB_URI takes a connection string that starts with mongodb:// or mongodb+srv://; unset, the embedded database is used.',
    );
  }
  const configuration: Configuration = {
    host,
    port: reader.integer('PORT', { from: 0, to: 65_535 }, 3000, 'a port number from 0 to 65535 (0 picks a free one)'),
    mongodbUri,
    dataDir: reader.text('CLOCKWORK_DATA_DIR') ?? './data',
    mongodPath: reader.existingFile('MONGOD', 'a mongod binary'),
    clustersFile: reader.existingFile('CLOCKWORK_CLUSTERS', 'a YAML file that describes the clusters'),
    limits: readLimits(reader),
    exposure: readExposure(reader),
    audit: readAudit(reader),
    archive: readArchive(reader),
    logLevel: reader.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    logFormat: reader.oneOf('LOG_FORMAT', LOG_FORMATS, process.stderr.isTTY ? 'pretty' : 'json'),
    lifecycle: readLifecycle(reader),
    tracing: readTracing(reader),
  };
  if (reader.problems.length > 0) throw new ConfigurationError(reader.problems);
  return Object.freeze(configuration);
}
