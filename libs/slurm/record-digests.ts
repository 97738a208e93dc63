import { hash } from 'node:crypto';

/** What slurmctld changes in a job that waits, all by itself; `priority` stands in lists by partition too. */
const CHANGE_BY_THEMSELVES = ['priority', 'last_sched_evaluation'].map((name) => Buffer.from(`"${name}":`));

const ROOM = 64 * 1024;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** What a plain number may be behind, and what may be in it: white space, sign, point, exponent. */
const AROUND_DIGITS = new Set(Buffer.from(' \n\r\t+-.eE'));

/**
 * Digests of records' JSON texts: two texts with the same one differ in nothing but the digits of numbers that change by themselves.
 * So one is well-formed where the other is. The names are found by their quotes: a quote inside of a string has a backslash before it.
 */
export class RecordDigests {
  private room = Buffer.allocUnsafeSlow(ROOM);

  of(text: Uint8Array): string {
    if (text.length > this.room.length) this.room = Buffer.allocUnsafeSlow(2 * text.length);
    const copy = this.room.subarray(0, text.length);
    copy.set(text);
    for (const name of CHANGE_BY_THEMSELVES) {
      for (let at = copy.indexOf(name); at !== -1; at = copy.indexOf(name, at)) {
        at += name.length;
        clearNumber(copy, at);
      }
    }
    return hash('sha1', copy, 'base64');
  }
}

/** A plain number (22.05), or `{set, infinite, number}`. */
function clearNumber(text: Buffer, from: number): void {
  let isObject = false;
  for (let at = from; at < text.length; at += 1) {
    const byte = text[at] ?? 0;
    if (byte >= ZERO && byte <= NINE) text[at] = ZERO;
    else if (byte === OPEN_OBJECT && !isObject) isObject = true;
    else if (isObject ? byte === CLOSE_OBJECT : !AROUND_DIGITS.has(byte)) return;
  }
}
