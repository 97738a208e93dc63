import { Counter, Gauge, Histogram } from 'prom-client';
import { registers } from './registry.js';

export const databaseUp = new Gauge({
  name: 'clockwork_database_up',
  help: '1 where the database answered a ping for this scrape, else 0.',
  registers,
});

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const commandSeconds = new Histogram({
  name: 'clockwork_mongodb_command_duration_seconds',
  help: 'From sending a command to the database to its answer, by command.',
  labelNames: ['command'],
  buckets: SECONDS,
  registers,
});

export const commandFailures = new Counter({
  name: 'clockwork_mongodb_command_failures_total',
  help: 'Commands that the database refused or did not answer, by command.',
  labelNames: ['command'],
  registers,
});

export const poolCreated = new Counter({
  name: 'clockwork_mongodb_pool_connections_created_total',
  help: 'Connections to the database that were opened.',
  registers,
});

export const poolClosed = new Counter({
  name: 'clockwork_mongodb_pool_connections_closed_total',
  help: 'Connections to the database that were closed.',
  registers,
});

export const poolCheckedOut = new Gauge({
  name: 'clockwork_mongodb_pool_checked_out_connections',
  help: 'Connections to the database that are in use.',
  registers,
});

export const poolWaiting = new Gauge({
  name: 'clockwork_mongodb_pool_waiting_requests',
  help: 'Commands that wait for a connection to the database.',
  registers,
});

export const poolCheckOutFailures = new Counter({
  name: 'clockwork_mongodb_pool_check_out_failures_total',
  help: 'Commands that got no connection to the database.',
  registers,
});

export const poolCleared = new Counter({
  name: 'clockwork_mongodb_pool_cleared_total',
  help: 'How often all connections to a server were given up, as after one broke.',
  registers,
});
