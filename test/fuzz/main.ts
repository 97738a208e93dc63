import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CampaignResult, fuzzTarget } from './engine/campaign.ts';
import type { Finding } from './engine/messages.ts';
import { earlierFindings } from './findings.ts';
import { type FuzzOptions, helpText, readOptions, UsageError } from './options.ts';
import { TARGETS } from './targets/index.ts';

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), Object.keys(TARGETS));
  if (options === null) {
    process.stdout.write(
      helpText(Object.fromEntries(Object.entries(TARGETS).map(([name, { description }]) => [name, description]))),
    );
    return 0;
  }
  process.stdout.write(`seed ${options.seed}\n`);
  let findings = 0;
  for (const [name, place] of Object.entries(TARGETS)) {
    if (options.only !== null && !options.only.includes(name)) continue;
    const inputs = options.input === null ? null : [readFileSync(options.input)];
    const result = await fuzzTarget(place, { ...options, inputs, earlier: earlierFindings(name) });
    process.stdout.write(resultLine(name, result));
    result.findings.forEach((finding, at) => {
      process.stdout.write(keepFinding(name, finding, at, options));
    });
    findings += result.findings.length;
  }
  return findings === 0 ? 0 : 1;
}

function resultLine(name: string, { runs, corpus, reached, total, slowest, findings }: CampaignResult): string {
  const share = total === 0 ? 0 : (100 * reached) / total;
  return (
    `${name.padEnd(16)} ${String(runs).padStart(9)} inputs, ${String(corpus).padStart(4)} kept, ` +
    `${share.toFixed(0).padStart(3)} % of ${total} counters, slowest ${slowest.toFixed(0)} ms, findings ${findings.length}\n`
  );
}

/** @returns what to tell of it */
function keepFinding(name: string, { reason, input }: Finding, at: number, options: FuzzOptions): string {
  mkdirSync(options.output, { recursive: true });
  const file = join(options.output, `${name}-${options.seed}-${at}`);
  writeFileSync(file, input);
  return `${reason}\n  ${input.length} bytes, again: npm run test:fuzz -- --only ${name} --input ${file}\n`;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const usage = error instanceof UsageError;
    const hint = '\nnpm run test:fuzz -- --help lists the options.';
    const text = error instanceof Error && !usage ? (error.stack ?? error.message) : (error as Error).message;
    process.stderr.write(`${text}${usage ? hint : ''}\n`);
    process.exit(usage ? 2 : 1);
  },
);
