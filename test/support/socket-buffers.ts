import { readFile } from 'node:fs/promises';

const LIMITS = '/proc/sys/net/ipv4';

/** The most bytes that Linux keeps under way between the two ends of a TCP connection, each buffer grown as far as it may (tcp(7)). */
export async function mostUnderWay(): Promise<number> {
  const most = await Promise.all(
    ['tcp_wmem', 'tcp_rmem'].map(async (name) => {
      const [, , limit] = (await readFile(`${LIMITS}/${name}`, 'utf8')).trim().split(/\s+/);
      if (limit === undefined) throw new Error(`${LIMITS}/${name} has no third number`);
      return Number(limit);
    }),
  );
  return most.reduce((sum, limit) => sum + limit, 0);
}
