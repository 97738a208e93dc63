import type { MongoClient } from 'mongodb';

/** Counts who waits for a connection of a client's pool. */
export class PoolQueue {
  private waiting = 0;

  constructor(client: Pick<MongoClient, 'on'>) {
    client.on('connectionCheckOutStarted', () => {
      this.waiting += 1;
    });
    // Each that has started ends in one of these.
    const ended = (): void => {
      this.waiting = Math.max(0, this.waiting - 1);
    };
    client.on('connectionCheckedOut', ended);
    client.on('connectionCheckOutFailed', ended);
  }

  get length(): number {
    return this.waiting;
  }
}
