import { QUEUES, type QueueName } from '#libs/common';
import { count, type Finding } from './health-part.js';

interface Bounds {
  degraded: number;
  failing: number;
  what: string;
  advice: string;
}

const NEVER = Number.POSITIVE_INFINITY;
const DATABASE_IS_BEHIND = "The database is behind with its work: look at its machine's load and disk.";

const BOUNDS: Record<QueueName, Bounds> = {
  // Of 10 000, after which requests are refused.
  database_calls: { degraded: 2_000, failing: 9_000, what: 'database calls under way', advice: DATABASE_IS_BEHIND },
  // For one of 64 connections.
  pool_checkouts: {
    degraded: 500,
    failing: 5_000,
    what: 'calls that wait for a connection',
    advice: DATABASE_IS_BEHIND,
  },
  write_windows: { degraded: NEVER, failing: NEVER, what: 'writes under way', advice: '' },
  open_lists: {
    degraded: 500,
    failing: NEVER,
    what: 'lists being sent',
    advice: 'Many lists are read at once, or by slow readers: start further API processes behind a balancer.',
  },
  merges_waiting: {
    degraded: 1_000,
    failing: 5_000,
    what: 'updates of user dicts that wait for others of the same job',
    advice: 'Somebody updates one job very often: ask its owner to gather pairs into fewer updates.',
  },
};

export function queueHealth(about: string, lengths: ReadonlyMap<QueueName, number>): Finding {
  const over = (limit: 'degraded' | 'failing'): QueueName[] =>
    QUEUES.filter((name) => (lengths.get(name) ?? 0) >= BOUNDS[name][limit]);
  const long = over('degraded');
  return {
    part: 'queues',
    about,
    status: over('failing').length > 0 ? 'failing' : long.length > 0 ? 'degraded' : 'ok',
    message:
      long.length === 0
        ? 'No queue is long.'
        : `${long.map((name) => `${lengths.get(name) ?? 0} ${BOUNDS[name].what}`).join(', ')}.`,
    advice: long.length === 0 ? null : [...new Set(long.map((name) => BOUNDS[name].advice))].join(' '),
    measured: Object.fromEntries([...lengths].map(([name, length]) => [name, count(length)])),
  };
}
