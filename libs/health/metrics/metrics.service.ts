import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { databaseUp, type Exposition, exposition, Figures } from '#libs/metrics';

/** A scrape waits no longer for an answer of the database. */
const LONGEST_PING_MS = 1_500;

/** Answers scrapes: within seconds, whatever becomes of the database. */
@Injectable()
export class MetricsService {
  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly figures: Figures,
  ) {}

  /** @param accept the header `Accept` */
  async scrape(accept: string | undefined): Promise<Exposition> {
    const [isUp] = await Promise.all([this.ping(), this.figures.freshen()]);
    databaseUp.set(Number(isUp));
    return exposition(accept);
  }

  private async ping(): Promise<boolean> {
    const answer = this.connection.getClient().db().command({ ping: 1 }, { timeoutMS: LONGEST_PING_MS });
    return answer.then(
      () => true,
      () => false,
    );
  }
}
