import { median } from '../statistics.ts';
import { HttpConnection, type HttpRequest } from './http-connection.ts';

export interface RequestTimes {
  /** The median of the times to the last byte, in milliseconds. */
  ms: number;
  requests: number;
}

/** The same request again and again on one connection, for so long. */
export async function requestTimes(url: string, seconds: number, message: HttpRequest): Promise<RequestTimes> {
  const connection = await HttpConnection.open(url);
  const samples: number[] = [];
  const end = performance.now() + seconds * 1000;
  do samples.push((await connection.request(message)).lastByteMs);
  while (performance.now() < end);
  connection.close();
  return { ms: median(samples), requests: samples.length };
}
