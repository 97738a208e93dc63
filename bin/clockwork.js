#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/apps/cli/main.js', import.meta.url);
const pinnedNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

if (!existsSync(built)) {
  console.error('Clockwork is not built yet. Run: npm run build');
  process.exitCode = 1;
} else if (Number(process.versions.node.split('.')[0]) < 24 && existsSync(pinnedNode)) {
  // Called by hand from an older Node: hand over to the one that the lockfile pins.
  const { status } = spawnSync(pinnedNode, [fileURLToPath(built), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  await import(built.href);
}
