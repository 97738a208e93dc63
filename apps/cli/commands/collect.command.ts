import { once } from 'node:events';
import type { Command } from 'commander';
import type { ClusterConfiguration } from '#libs/clusters';
import { readConfiguration } from '#libs/common';
import { checkCluster, configuredClusters, type OnceReport, withCollector } from '../../collector/index.js';
import { CommandFailure } from '../command-failure.js';
import { talk } from '../talk.js';

const AFTER_HELP = `
CLOCKWORK_CLUSTERS names the file that describes the clusters; docs/clusters.md has an example for each way to reach one.

Examples:
  clockwork collect --check                  asks each cluster once, says what was found, writes nothing
  clockwork collect --once --cluster mila    reads one cluster once, and prints what came of it
  clockwork collect                          keeps on, until it is told to stop (Ctrl-C)

"npm start" keeps on reading as well where CLOCKWORK_CLUSTERS is set. Where several processes do, each cluster is read by
one of them, and by another when that one ends.
`;

interface Options {
  once?: boolean;
  check?: boolean;
  cluster?: string[];
}

export function addCollectCommand(program: Command): void {
  program
    .command('collect')
    .description('read clusters into the database')
    .option('--once', 'read each cluster once')
    .option('--check', 'ask each cluster once and say what was found; nothing is written')
    .option('--cluster <name...>', 'these clusters of the file alone')
    .addHelpText('after', AFTER_HELP)
    .action(async (options: Options) => {
      const configuration = readConfiguration(process.env);
      const clusters = chosen(await configuredClusters(configuration), options.cluster);
      const stopped = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => {
          stopped.abort(new CommandFailure('Stopped.'));
        });
      }
      if (options.check === true) {
        await checkAll(clusters, stopped.signal);
        return;
      }
      await withCollector(configuration, clusters, talk, async (collector) => {
        if (options.once === true) {
          printReports(await collector.once(stopped.signal));
          return;
        }
        await collector.start(options.cluster === undefined);
        talk(`Reading ${clusters.map(({ name }) => name).join(', ')}. Ctrl-C ends it.`);
        if (!stopped.signal.aborted) await once(stopped.signal, 'abort');
        await collector.stop();
      });
    });
}

function chosen(
  clusters: readonly ClusterConfiguration[],
  names: readonly string[] | undefined,
): ClusterConfiguration[] {
  const unknown = names?.filter((name) => !clusters.some((cluster) => cluster.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new CommandFailure(
      `CLOCKWORK_CLUSTERS describes no cluster ${unknown.join(', ')}; it has ${clusters.map(({ name }) => name).join(', ')}.`,
    );
  }
  return clusters.filter(({ name }) => names?.includes(name) ?? true);
}

async function checkAll(clusters: readonly ClusterConfiguration[], signal: AbortSignal): Promise<void> {
  const checks = await Promise.all(
    clusters.map(async (cluster) => {
      const check = await checkCluster(cluster, signal);
      // As they come: one that hangs keeps nobody from reading about the others.
      process.stdout.write(`${check.lines.join('\n')}\n`);
      return check;
    }),
  );
  const failed = checks.filter(({ ok }) => !ok).length;
  if (failed > 0)
    throw new CommandFailure(`${failed} of ${checks.length} clusters cannot be read as they are described.`);
}

function printReports(reports: readonly OnceReport[]): void {
  for (const report of reports) process.stdout.write(`${JSON.stringify(report)}\n`);
  const troubles = reports.flatMap((report) => {
    if ('readBy' in report) return [`${report.cluster} is being read by another process (${report.readBy}).`];
    return report.failures.map(({ part, message }) => `${report.cluster}, ${part}: ${message}`);
  });
  if (troubles.length > 0) throw new CommandFailure(troubles.join('\n'));
}
