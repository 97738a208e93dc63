import { HttpConnection, type HttpRequest } from './http-connection.ts';

/** At once, each with one request under way: enough to keep a server of one thread busy. */
const CONNECTIONS = 32;

/** Sends requests as fast as they are answered, to all servers alike. @returns requests a second */
export async function requestsPerSecond(
  urls: readonly [string, ...string[]],
  seconds: number,
  next: () => HttpRequest,
): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, at) => HttpConnection.open(urls[at % urls.length] ?? urls[0])),
  );
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let answered = 0;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end) {
        await connection.request(next());
        answered += 1;
      }
    }),
  );
  const took = performance.now() - begin;
  for (const connection of connections) connection.close();
  return (answered / took) * 1000;
}
