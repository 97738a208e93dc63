import type { Bench } from './bench.ts';
import { BenchDatabase } from './data/bench-database.ts';
import { busyJobs } from './data/job-records.ts';
import type { Figure } from './figure.ts';
import { FIGURE_GROUPS } from './figures/index.ts';
import { type BenchOptions, helpText, readOptions, UsageError } from './options.ts';
import { stopAll } from './processes/child-process.ts';
import { machineFacts } from './report/machine.ts';
import { textTable } from './report/text-table.ts';
import { writePages } from './report/write-pages.ts';
import { openSites } from './sites.ts';

function talk(message: string): void {
  process.stderr.write(`${message}\n`);
}

/** With the time since the start. */
function report(message: string): void {
  talk(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${message}`);
}

async function main(): Promise<number> {
  const options = readOptions(
    process.argv.slice(2),
    FIGURE_GROUPS.map(({ name }) => name),
  );
  if (options === null) {
    process.stdout.write(
      helpText(Object.fromEntries(FIGURE_GROUPS.map(({ name, description }) => [name, description]))),
    );
    return 0;
  }
  const stopped = onceSignalled();
  const database = await BenchDatabase.open(report);
  try {
    return await Promise.race([measure(options, database).then(() => 0), stopped]);
  } finally {
    await stopAll();
    await database.remove();
  }
}

/** Ctrl-C leaves neither a process nor a directory behind. @returns the exit code, once there was a signal */
function onceSignalled(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      // Further ones are for the impatient, and do not cut the cleaning up short.
      process.on(signal, () => {
        report(`${signal}: cleaning up`);
        resolve(code);
      });
    }
  });
}

async function measure(options: BenchOptions, database: BenchDatabase): Promise<void> {
  const server = await database.facts();
  const sites = await openSites(database, options.jobs, report);
  const ownJobs = busyJobs(sites.site.jobs);
  const bench: Bench = { ...sites, options, database, serverPid: server.pid, ownJobs, report };
  const figures: Figure[] = [];
  for (const group of FIGURE_GROUPS) {
    if (options.only === null || options.only.includes(group.name)) figures.push(...(await group.measure(bench)));
  }
  process.stdout.write(textTable(figures));
  if (options.output === null) return;
  await writePages(options.output, { figures, options, machine: machineFacts(server.version) });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    talk(
      usage
        ? `${error.message}\nnpm run bench -- --help lists the options.`
        : String(error instanceof Error ? error.stack : error),
    );
    process.exit(usage ? 2 : 1);
  },
);
