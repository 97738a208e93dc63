import { BSON } from 'mongodb';

const STRING = 0x02;
const DOCUMENT = 0x03;
/** A string's length, which includes the NUL behind it. */
const LENGTH_BYTES = 4;

/** The text at a path of a raw document, read without making objects of the rest; null where there is none. */
export function bsonTextAt(document: Buffer, path: readonly string[]): string | null {
  const parents = path.slice(0, -1);
  let start = 0;
  for (const name of parents) {
    const parent = elementNamed(document, start, name);
    if (parent?.type !== DOCUMENT) return null;
    start = parent.offset;
  }
  const found = elementNamed(document, start, path.at(-1) ?? '');
  if (found?.type !== STRING) return null;
  return document.toString('utf8', found.offset + LENGTH_BYTES, found.offset + found.length - 1);
}

interface Element {
  type: number;
  offset: number;
  length: number;
}

function elementNamed(document: Buffer, start: number, name: string): Element | null {
  const bytes = Buffer.byteLength(name);
  for (const [type, nameStart, nameLength, offset, length] of BSON.onDemand.parseToElements(document, start)) {
    // Most names are told apart by their length, at no cost.
    if (nameLength !== bytes) continue;
    if (document.toString('utf8', nameStart, nameStart + nameLength) === name) return { type, offset, length };
  }
  return null;
}
