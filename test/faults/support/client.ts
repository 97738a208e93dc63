import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { boundedExchange, type Exchange, type Question } from './bounded-exchange.ts';
import type { Tally } from './tally.ts';
import type { Weather } from './weather.ts';

/** What a client asks, again and again. */
export interface Errand {
  name: string;
  pauseMs: number;
  /** @returns null where there is nothing to ask at the moment */
  next(): Asked | null;
}

export interface Asked {
  question: Question;
  /** @returns what is wrong with a whole answer that is no refusal, in words */
  problemIn(answer: { status: number; text: string; tag: string | undefined }): string | null;
  /** Told where no good answer came, and whether the request may have had an effect all the same. */
  failed?(mayHaveEffect: boolean): void;
}

/** After no answer, or none that is good. */
const BREATH_MS = 20;

/** A program that does one errand on a connection of its own, which it keeps, until it is stopped. */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  private waiting: { after: number; resolve: (ended: number) => void }[] = [];
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly url: string,
    readonly errand: Errand,
    private readonly weather: Weather,
    private readonly tally: Tally,
  ) {
    this.running = this.run();
  }

  /** @returns when a good answer had come to what was asked after a moment, both by `performance.now()` */
  goodAfter(after: number): Promise<number> {
    return new Promise((resolve) => {
      this.waiting.push({ after, resolve });
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    this.agent.destroy();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const asked = this.errand.next();
      if (asked !== null) await this.ask(asked);
      await sleep(this.errand.pauseMs);
    }
  }

  private async ask(asked: Asked): Promise<void> {
    const exchange = await boundedExchange(this.url, this.agent, asked.question);
    const { outcome } = exchange;
    const { name } = this.errand;
    if (outcome.kind === 'answer' && outcome.status !== 503) {
      const problem = asked.problemIn({ ...outcome, tag: outcome.headers.etag });
      this.tally.answered(name, exchange, problem);
      if (problem === null) this.hadGoodAnswer(exchange);
      return;
    }
    asked.failed?.(!(outcome.kind === 'gone' && outcome.code === 'ECONNREFUSED'));
    this.tally.refused(name, exchange, this.weather);
    await sleep(BREATH_MS);
  }

  private hadGoodAnswer({ began, ended }: Exchange): void {
    const heard = this.waiting.filter(({ after }) => began >= after);
    this.waiting = this.waiting.filter(({ after }) => began < after);
    for (const { resolve } of heard) resolve(ended);
  }
}
