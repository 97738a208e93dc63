import { readdir, readFile, readlink } from 'node:fs/promises';

const HEX = 16;
const ESTABLISHED = '01';

/** Which of some processes is at the other end of a loopback connection, from /proc (Linux). @returns null: none of them */
export async function ownerOf(fromPort: number, toPort: number, pids: readonly number[]): Promise<number | null> {
  const inode = await inodeOf(fromPort, toPort);
  if (inode === null) return null;
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(files.map((file) => readlink(`/proc/${pid}/fd/${file}`).catch(() => '')));
    if (links.includes(`socket:[${inode}]`)) return pid;
  }
  return null;
}

async function inodeOf(fromPort: number, toPort: number): Promise<string | null> {
  const portIn = (address: string | undefined) => Number.parseInt(address?.split(':')[1] ?? '', HEX);
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  const row = rows.find(
    ([, local, remote, state]) => portIn(local) === fromPort && portIn(remote) === toPort && state === ESTABLISHED,
  );
  return row?.[9] ?? null;
}
