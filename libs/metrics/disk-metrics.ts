import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { Gauge } from 'prom-client';
import { registers } from './registry.js';

let directory: string | undefined;

const diskBytes: Gauge = new Gauge({
  name: 'clockwork_data_disk_bytes',
  help: "Size of the file system that holds the embedded database's directory; absent with MONGODB_URI.",
  registers,
  collect: () => measure(diskBytes, ({ blocks, bsize }) => blocks * bsize),
});

const availableBytes: Gauge = new Gauge({
  name: 'clockwork_data_disk_available_bytes',
  help: 'What is left of it.',
  registers,
  collect: () => measure(availableBytes, ({ bavail, bsize }) => bavail * bsize),
});

/** Begins to tell how full the disk is that holds a directory. */
export function watchDisk(path: string): void {
  directory = path;
}

/** Each for itself: the registry asks for all of them at once. */
async function measure(gauge: Gauge, bytesOf: (found: StatsFs) => number): Promise<void> {
  if (directory === undefined) {
    // Without labels a gauge would say 0.
    gauge.remove();
    return;
  }
  const found = await statfs(directory).catch(() => null);
  if (found !== null) gauge.set(bytesOf(found));
}
