import type { DatabaseAnswer, OpenDatabase } from '#libs/database';
import { count, type Finding, milliseconds, said } from './health-part.js';

/** A round trip to a database nearby takes a millisecond or two. */
const SLOW_MS = 500;

/** @param answer or why there is none */
export function databaseHealth(
  { kind, members, dataDir }: Pick<OpenDatabase, 'kind' | 'members' | 'dataDir'>,
  answer: DatabaseAnswer | Error,
): Finding {
  const where = { kind: said(kind), members: said(members) };
  if (answer instanceof Error) return unreachable(dataDir, answer, where);
  const { roundTripMs, version, primary, missingIndexes } = answer;
  const finding: Finding = {
    part: 'database',
    about: null,
    status: 'ok',
    message: `MongoDB ${version} answers in ${roundTripMs.toFixed(1)} ms.`,
    advice: null,
    measured: {
      reachable: said(true),
      ...where,
      round_trip: milliseconds(roundTripMs),
      version: said(version),
      primary: said(primary),
      indexes_missing: count(missingIndexes.length),
    },
  };
  if (missingIndexes.length > 0) {
    return {
      ...finding,
      status: 'failing',
      message: `Indexes are missing: ${missingIndexes.join(', ')}.`,
      advice: 'Start an API process anew: it makes them. Until then /health/ready says no.',
    };
  }
  if (roundTripMs < SLOW_MS) return finding;
  return {
    ...finding,
    status: 'degraded',
    message: `The database takes ${Math.round(roundTripMs)} ms to answer the smallest question.`,
    advice: "Look at the load of the database's machine, its disk and the network to it.",
  };
}

/** @param dataDir of the embedded database; null where it is external */
export function unreachable(dataDir: string | null, { message }: Error, where: Finding['measured']): Finding {
  return {
    part: 'database',
    about: null,
    status: 'failing',
    message: `The database does not answer: ${message}`,
    advice:
      dataDir === null
        ? 'Check that the database of MONGODB_URI runs and can be reached from here, and that it has a primary.'
        : `See mongod.log and keeper.log in ${dataDir}; where nobody runs it, start the API.`,
    measured: { reachable: said(false), ...where },
  };
}
