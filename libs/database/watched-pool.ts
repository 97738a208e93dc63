import type { MongoClient } from 'mongodb';
import { poolCheckedOut, poolCheckOutFailures, poolCleared, poolClosed, poolCreated, poolWaiting } from '#libs/metrics';

/** Counts what becomes of a client's connections; the driver tells of each as it happens. */
export function watchPool(client: MongoClient): void {
  client.on('connectionCreated', () => {
    poolCreated.inc();
  });
  client.on('connectionClosed', () => {
    poolClosed.inc();
  });
  client.on('connectionCheckOutStarted', () => {
    poolWaiting.inc();
  });
  client.on('connectionCheckedOut', () => {
    poolWaiting.dec();
    poolCheckedOut.inc();
  });
  client.on('connectionCheckOutFailed', () => {
    poolWaiting.dec();
    poolCheckOutFailures.inc();
  });
  client.on('connectionCheckedIn', () => {
    poolCheckedOut.dec();
  });
  client.on('connectionPoolCleared', () => {
    poolCleared.inc();
  });
}
