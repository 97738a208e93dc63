import { type ApiAnswer, type ApiRequest, BASE, exchange } from './http-exchange.js';
import { checkAgainstOpenApi } from './openapi-check.js';

export { type ApiAnswer, type ApiRequest, BASE, exchange } from './http-exchange.js';

/**
 * Sends one request over real HTTP and holds the answer against the OpenAPI document that the service itself serves.
 * @param path from the base path on, such as `/jobs/list?user=ada`, or absolute where it starts with `/health` and the like
 */
export async function sendRequest(url: string, path: string, options: ApiRequest = {}): Promise<ApiAnswer> {
  const absolute = /^\/(jobs|nodes|gpu|clusters)\//.test(path) ? BASE + path : path;
  const answer = await exchange(url, absolute, options);
  await checkAgainstOpenApi(url, options.method ?? 'GET', absolute, answer);
  return answer;
}
