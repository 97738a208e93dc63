import 'reflect-metadata';
import { readClustersFile } from '#libs/clusters';
import { clockworkVersion, ConfigurationError, createLogger, loadDotEnv, readConfiguration } from '#libs/common';
import { isStartFailure, openDatabase } from '#libs/database';
import { startTracing } from '#libs/tracing';
import { CollectorProcess } from './collector-process.js';
import { firstKeyHint } from './first-key.js';
import { startApi } from './server.js';
import { onceStopped } from './stop-signal.js';

/** Shows what a person has to know, whatever the log's format. */
function talk(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** Whoever read the log has gone, such as a terminal or `tee`: that is no reason to leave those who ask without answers. */
process.stderr.on('error', () => undefined);

async function main(): Promise<void> {
  loadDotEnv();
  const configuration = readConfiguration(process.env);
  // A mistake in it is told before anything is started.
  if (configuration.clustersFile !== undefined) await readClustersFile(configuration.clustersFile);
  const logger = createLogger(configuration);
  const traces = configuration.tracing.endpoint;
  const endTracing = traces === undefined ? null : await startTracing('clockwork-api', clockworkVersion());
  const database = await openDatabase(configuration, talk);
  try {
    const api = await startApi(configuration, database, logger);
    const stopped = onceStopped();
    process.stdout.write(`Clockwork answers at ${api.url}\n`);
    // A hint that the database does not give just now is none that anybody waits for.
    firstKeyHint(database, configuration).then(
      (hint) => {
        if (hint !== null) talk(hint);
      },
      () => undefined,
    );
    const collector = configuration.clustersFile === undefined ? null : new CollectorProcess(logger);
    collector?.start();
    await stopped;
    await Promise.all([api.close(), collector?.stop()]);
  } finally {
    await database.close();
    await endTracing?.();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof ConfigurationError || isStartFailure(error)) talk(error.message);
    else talk(String(error instanceof Error ? error.stack : error));
    process.exit(1);
  },
);
