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

const report = (message: string): void => {
  process.stderr.write(`${message}\n`);
};

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
  const database = await BenchDatabase.open(report);
  const cleanUp = async () => {
    await stopAll();
    await database.remove();
  };
  endOnSignal(cleanUp);
  try {
    await measure(options, database);
    return 0;
  } finally {
    await cleanUp();
  }
}

/** Ctrl-C leaves neither a process nor a directory behind. */
function endOnSignal(cleanUp: () => Promise<void>): void {
  const codes = { SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, code] of Object.entries(codes)) {
    process.once(signal, () => {
      report('ending');
      void cleanUp().finally(() => process.exit(code));
    });
  }
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
    report(
      usage
        ? `${error.message}\nnpm run bench -- --help lists the options.`
        : String(error instanceof Error ? error.stack : error),
    );
    process.exit(usage ? 2 : 1);
  },
);
