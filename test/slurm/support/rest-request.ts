import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface RestAnswer {
  status: number;
  /** As text where it is no JSON. */
  body: unknown;
}

/** Slurm 26.05 sends what it refuses twice, though the first answer says that the connection closes. */
const LENIENT = { insecureHTTPParser: true };

/** Asks a slurmrestd. */
export async function getJson(
  address: { socket: string } | { url: string },
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RestAnswer> {
  const asking =
    'socket' in address
      ? request({ ...LENIENT, socketPath: address.socket, path, headers })
      : request(new URL(path, address.url), { ...LENIENT, headers });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const said = await text(answer);
  return { status: Number(answer.statusCode), body: parsed(said) };
}

function parsed(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return said;
  }
}
