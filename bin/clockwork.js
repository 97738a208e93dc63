#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const built = new URL('../dist/apps/cli/main.js', import.meta.url);
const pinnedNode = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));

if (!existsSync(built)) {
  console.error('Clockwork is not built yet. Run: npm run build');
  process.exitCode = 1;
} else if (Number(process.versions.node.split('.')[0]) < 24 && existsSync(pinnedNode)) {
  // Called by hand from an older Node: hand over to the one that the lockfile pins.
  const handedOver = spawn(pinnedNode, [fileURLToPath(built), ...process.argv.slice(2)], { stdio: 'inherit' });
  // Who stops a command stops this process, which is no other to them.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => handedOver.kill(signal));
  handedOver.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
} else {
  // What was compiled once need not be at the next command.
  module.enableCompileCache();
  await import(built.href);
}
