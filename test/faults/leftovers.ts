import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A supervisor may start one more while another is being ended. */
const LOOKS = 20;
const LOOK_MS = 100;

/** Ends what a run that was cut off has left behind: processes whose temporary directory is the run's, and its mounts. */
export async function endLeftovers(directory: string): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    const pids = await processesOf(directory);
    if (pids.length === 0) break;
    for (const pid of pids) kill(pid);
    await sleep(LOOK_MS);
  }
  const mounts = await readFile('/proc/mounts', 'utf8');
  for (const [, target = ''] of mounts.split('\n').map((line) => line.split(' '))) {
    if (target.startsWith(`${directory}/`)) await promisify(execFile)('umount', [target]);
  }
}

async function processesOf(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')));
  return pids.filter((_pid, at) => environments[at]?.split('\0').includes(`TMPDIR=${directory}`)).map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
