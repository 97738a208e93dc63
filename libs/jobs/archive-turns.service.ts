import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { MongoServerError } from 'mongodb';
import type { Connection } from 'mongoose';
import { DUPLICATE_KEY, MAINTENANCE } from '#libs/database';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface TurnDocument {
  _id: 'archive';
  /** When the next turn is due. */
  next?: Date;
  /** When a run last came to its end, of a command's too. */
  ended?: Date;
}

/** When jobs are archived by themselves: once a day, by whichever process looks first. */
@Injectable()
export class ArchiveTurns {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  /** @returns whether it is this process's turn. One that does not come to its end is had again after an hour. */
  async take(): Promise<boolean> {
    const now = Date.now();
    const due = { _id: 'archive' as const, next: { $not: { $gt: new Date(now) } } };
    try {
      await this.turns.updateOne(due, { $set: { next: new Date(now + HOUR_MS) } }, { upsert: true });
      return true;
    } catch (error) {
      // It is there, and not due.
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  async ended(): Promise<void> {
    const now = Date.now();
    const turn = { ended: new Date(now), next: new Date(now + DAY_MS) };
    await this.turns.updateOne({ _id: 'archive' }, { $set: turn }, { upsert: true });
  }

  /** When a run last came to its end. */
  async lastEnded(): Promise<Date | null> {
    return (await this.turns.findOne({ _id: 'archive' }))?.ended ?? null;
  }

  private get turns() {
    return this.connection.collection<TurnDocument>(MAINTENANCE);
  }
}
