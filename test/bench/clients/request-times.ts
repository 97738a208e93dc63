import { median } from '../statistics.ts';
import { HttpConnection, type HttpRequest } from './http-connection.ts';

/** One after another on one connection. @returns the median of the times to the last byte, in milliseconds */
export async function requestMs(url: string, times: number, message: HttpRequest): Promise<number> {
  const connection = await HttpConnection.open(url);
  const samples: number[] = [];
  for (let count = 0; count < times; count += 1) samples.push((await connection.request(message)).lastByteMs);
  connection.close();
  return median(samples);
}
