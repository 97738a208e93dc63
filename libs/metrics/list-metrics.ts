import { Counter, Gauge } from 'prom-client';
import { registers } from './registry.js';

/** Who had the list: the client itself (304), the cache of this process, or the database alone. */
export type ListOrigin = 'client' | 'cache' | 'database';

export const listAnswers = new Counter({
  name: 'clockwork_list_answers_total',
  help: 'Lists that were answered: from is client (304, it had the list), cache (kept in this process) or database.',
  labelNames: ['list', 'from'],
  registers,
});

export const listReaders = new Gauge({
  name: 'clockwork_list_readers',
  help: 'Lists that are being read from the database for a client.',
  registers,
});

export const openCursors = new Gauge({
  name: 'clockwork_list_cursors',
  help: 'Cursors that lists hold open in the database.',
  registers,
});
