import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of all clients together: more would only wait in the service. */
const MOST_AT_ONCE = 64;

/** Programs that read the lists of jobs and nodes again and again, each on a connection of its own, which it keeps. */
export class ReadingClients {
  readonly #url: string;
  readonly #key: string;
  readonly #agents: readonly Agent[];
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;
  #answers = 0;
  readonly #served = new Set<Agent>();

  private constructor(url: string, key: string, count: number, pauseMs: number) {
    this.#url = url;
    this.#key = key;
    this.#agents = Array.from({ length: count }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const waiting = [...this.#agents];
    const readers = Array.from({ length: Math.min(MOST_AT_ONCE, count) }, () => this.#readInTurn(waiting, pauseMs));
    this.#running = Promise.all(readers);
    this.#running.catch(() => undefined);
  }

  /** @param pauseMs between two answers to one of those that read at the same moment */
  static start(url: string, key: string, count: number, pauseMs = 0): ReadingClients {
    return new ReadingClients(url, key, count, pauseMs);
  }

  /** Answers so far, all of them whole and 200. */
  get answers(): number {
    return this.#answers;
  }

  /** Clients that have had one. */
  get served(): number {
    return this.#served.size;
  }

  /** @throws where one of them was answered otherwise */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    for (const agent of this.#agents) agent.destroy();
  }

  async #readInTurn(waiting: Agent[], pauseMs: number): Promise<void> {
    for (let turn = 0; !this.#stopping.signal.aborted; turn += 1) {
      const agent = waiting.shift();
      if (agent === undefined) throw new Error('there are more readers than clients');
      await this.#read(agent, turn % 2 === 0 ? '/jobs/list' : '/nodes/list');
      this.#served.add(agent);
      this.#answers += 1;
      waiting.push(agent);
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  async #read(agent: Agent, path: string): Promise<void> {
    const headers = { Authorization: `Bearer ${this.#key}` };
    const asking = request(new URL(`/api/v1/cluster${path}`, this.#url), { agent, headers });
    asking.end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    if (answer.statusCode !== 200) throw new Error(`${path} answered ${String(answer.statusCode)}`);
  }
}
