import { readdir, readFile, readlink } from 'node:fs/promises';

export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  command: string;
  workingDirectory: string;
}

/** The processes there are, from /proc (Linux), without those that have ended and wait for their parent. */
export async function processTable(): Promise<ProcessEntry[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(pids.map((pid) => entryOf(Number(pid)).catch(() => null)));
  return entries.filter((entry) => entry !== null);
}

async function entryOf(pid: number): Promise<ProcessEntry | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
  const workingDirectory = await readlink(`/proc/${pid}/cwd`);
  // The name in parentheses may hold anything, and is the last that does.
  const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z') return null;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    command: command.replaceAll('\0', ' '),
    workingDirectory,
  };
}

/** The collector that an API process has started. */
export async function collectorOf(api: number): Promise<ProcessEntry> {
  const found = (await processTable()).find(({ parent, command }) => parent === api && isCollector(command));
  if (found === undefined) throw new Error(`the API ${api} has no collector`);
  return found;
}

function isCollector(command: string): boolean {
  return command.includes('apps/collector/main.js');
}
