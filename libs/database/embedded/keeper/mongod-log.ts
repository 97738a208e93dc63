import { open } from 'node:fs/promises';

import { hasCode } from '../caught-error.js';

const MAX_READ_BYTES = 256 * 1024;
const MAX_LINES = 4;
const MAX_LINE_LENGTH = 300;

/** What mongod wrote about errors since an offset in its log, shortest useful form, for people. */
export async function errorsInLog(path: string, fromOffset: number): Promise<string> {
  let text: string;
  try {
    await using file = await open(path);
    const buffer = Buffer.alloc(MAX_READ_BYTES);
    const { bytesRead } = await file.read(buffer, 0, MAX_READ_BYTES, fromOffset);
    text = buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
  return summarizeErrors(text);
}

/** mongod logs a JSON object a line: https://www.mongodb.com/docs/manual/reference/log-messages/ (s severity, msg, attr). */
export function summarizeErrors(log: string): string {
  const lines = log.split('\n').flatMap((line) => describeError(line) ?? []);
  return [...new Set(lines)].slice(0, MAX_LINES).join('; ');
}

function describeError(line: string): string | undefined {
  let entry: { s?: unknown; msg?: unknown; attr?: unknown };
  try {
    entry = JSON.parse(line) as typeof entry;
  } catch {
    // Stack traces and the banner of an abort are not JSON.
    return undefined;
  }
  if ((entry.s !== 'E' && entry.s !== 'F') || typeof entry.msg !== 'string') return undefined;
  const detail = detailOf(entry.attr);
  const text = detail === undefined ? entry.msg.trim() : `${entry.msg}: ${detail}`;
  return text === '' ? undefined : text.slice(0, MAX_LINE_LENGTH);
}

/** Errors lie in attr.error as text or {codeName, errmsg}, WiredTiger's own in attr.message.msg. */
function detailOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim();
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  for (const name of ['message', 'msg', 'errmsg', 'error', 'reason']) {
    const detail = detailOf(fields[name]);
    if (detail !== undefined) return detail;
  }
  return undefined;
}
