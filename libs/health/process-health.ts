import { type Finding, said, seconds, time } from './health-part.js';
import type { ProcessRecord } from './process-record.schema.js';

/** Three of the times that each should have reported in. */
const SILENT_MS = 30_000;

/** The running processes, and what each says of itself. @param now by the clock of the database server */
export function processHealth(records: readonly ProcessRecord[], now: Date): Finding[] {
  const findings = records.flatMap((record) => {
    const silentMs = now.getTime() - record.seen_at.getTime();
    const isSilent = silentMs >= SILENT_MS;
    // What it said last of itself holds no longer.
    return [oneProcess(record, silentMs, isSilent), ...(isSilent ? [] : record.own)];
  });
  return records.some(({ kind }) => kind === 'api') ? findings : [NO_API, ...findings];
}

const NO_API: Finding = {
  part: 'process',
  about: null,
  status: 'failing',
  message: 'No API process is running: nobody answers requests.',
  advice: 'Start one, such as with "npm start"; where one should be running, its log says why it ended.',
  measured: {},
};

function oneProcess(record: ProcessRecord, silentMs: number, isSilent: boolean): Finding {
  const { kind, name, url, started_at } = record;
  const finding = {
    part: 'process' as const,
    about: name,
    measured: {
      kind: said(kind),
      url: said(url),
      started_at: time(started_at),
      last_heard_of: seconds(Math.max(0, silentMs)),
    },
  };
  const what = kind === 'api' ? `The API at ${url ?? 'an unknown address'}` : 'A collector';
  if (!isSilent) return { ...finding, status: 'ok', message: `${what}.`, advice: null, since: started_at };
  return {
    ...finding,
    status: 'degraded',
    message: `${what} has not been heard of for ${Math.round(silentMs / 1000)} s.`,
    advice:
      'It was killed, or hangs, or does not reach the database: look at its log. Once it is gone for a minute it is not shown any more.',
    since: record.seen_at,
  };
}
