import { statfs } from 'node:fs/promises';
import { Gauge } from 'prom-client';
import { registers } from './registry.js';

let directory: string | undefined;

const diskBytes = new Gauge({
  name: 'clockwork_data_disk_bytes',
  help: "Size of the file system that holds the embedded database's directory; absent with MONGODB_URI.",
  registers,
});

const availableBytes = new Gauge({
  name: 'clockwork_data_disk_available_bytes',
  help: 'What is left of it.',
  registers,
  collect: measure,
});

/** Begins to tell how full the disk is that holds a directory. */
export function watchDisk(path: string): void {
  directory = path;
}

async function measure(): Promise<void> {
  if (directory === undefined) {
    // Without labels a gauge would say 0.
    for (const gauge of [diskBytes, availableBytes]) gauge.remove();
    return;
  }
  const found = await statfs(directory).catch(() => null);
  if (found === null) return;
  diskBytes.set(found.blocks * found.bsize);
  availableBytes.set(found.bavail * found.bsize);
}
