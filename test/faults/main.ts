import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runJest } from '../support/jest-run.ts';
import { endLeftovers } from './leftovers.ts';
import { type CampaignOptions, helpText, readOptions, UsageError } from './options.ts';
import { promisesTable } from './report/promises-table.ts';
import { writePage } from './report/faults-page.ts';
import { type Campaign, CAMPAIGN_VARIABLE, type Promised } from './support/campaign.ts';

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(helpText());
    return 0;
  }
  const scratch = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-campaign-')));
  try {
    const notes = join(scratch, 'promises.ndjson');
    process.stderr.write(`Random moments come from --seed ${options.seed}.\n`);
    const code = await runFaults(options, scratch, notes);
    const promises = await notedIn(notes);
    process.stdout.write(promisesTable(promises));
    // Of a run that was cut off there is no page.
    if (options.output !== null && code <= 1) await writePage(options.output, { promises, options });
    return code;
  } finally {
    await endLeftovers(scratch);
    await rm(scratch, { recursive: true, force: true });
  }
}

/** @returns jest's exit code */
function runFaults(
  { only, kills, seed, short, jest }: CampaignOptions,
  scratch: string,
  notes: string,
): Promise<number> {
  const files = ['--testPathPatterns', `test/faults/(${only.join('|')})\\.faults\\.ts$`];
  const campaign: Campaign = { kills, seed, short, notes };
  const environment = { TMPDIR: scratch, [CAMPAIGN_VARIABLE]: JSON.stringify(campaign) };
  return runJest('faults', ['--forceExit', ...jest, ...files], environment);
}

async function notedIn(file: string): Promise<Promised[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Promised);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    const hint = '\nnpm run test:faults -- --help lists the options.';
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}${usage ? hint : ''}\n`);
    process.exit(usage ? 2 : 1);
  },
);
