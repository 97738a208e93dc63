import 'reflect-metadata';
import { clockworkVersion, ConfigurationError, loadDotEnv, readConfiguration } from '#libs/common';
import { isStartFailure } from '#libs/database';
import { startTracing } from '#libs/tracing';
import { configuredClusters } from './configured-clusters.js';
import { withCollector } from './with-collector.js';

function talk(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** Whoever read the log has gone: no reason to stop reading clusters. */
process.stderr.on('error', () => undefined);

/** Told to stop; or the API is gone that started this process, and whose part it is. */
function onceStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect'])
      process.once(event, () => {
        resolve();
      });
    // It may have gone before anybody listened.
    if (process.send !== undefined && !process.connected) resolve();
  });
}

async function main(): Promise<void> {
  loadDotEnv();
  const configuration = readConfiguration(process.env);
  const clusters = await configuredClusters(configuration);
  const stopped = onceStopped();
  const traces = configuration.tracing.endpoint;
  const endTracing = traces === undefined ? null : await startTracing('clockwork-collector', clockworkVersion());
  await withCollector(configuration, clusters, talk, async (collector) => {
    await collector.start(true);
    await stopped;
    await collector.stop();
  });
  await endTracing?.();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    if (error instanceof ConfigurationError || isStartFailure(error)) talk(error.message);
    else talk(String(error instanceof Error ? error.stack : error));
    process.exit(1);
  },
);
