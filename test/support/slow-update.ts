import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { BASE } from './http-exchange.js';

/** A PUT of which the server has the head and waits for the body. */
export interface SlowUpdate {
  /** Sends the body. @returns the answer's status */
  finish(): Promise<number>;
}

export async function beginUpdate(url: string, key: string, jobId: string): Promise<SlowUpdate> {
  const body = JSON.stringify({ job_id: jobId, update_pairs: { done: true } });
  const request = httpRequest(`${url}${BASE}/jobs/user_dict_update`, {
    method: 'PUT',
    headers: {
      Authorization: `Bearer ${key}`,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      // The server says when it has read the head.
      Expect: '100-continue',
    },
  });
  request.flushHeaders();
  await once(request, 'continue');
  return {
    finish: async () => {
      request.end(body);
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode ?? 0;
    },
  };
}
