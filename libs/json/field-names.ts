import { CorruptBsonError } from './corrupt-bson-error.js';

/** Entries of the table, a power of two: several times the fields that the documents of one service have. */
const SLOTS = 512;
/** Places at which a name may stand, so that two names of one hash do not drive each other out. */
const PROBES = 4;
/** Names of up to this many bytes, the NUL after them included, have an entry: all of ours. */
const MOST_BYTES = 24;
/** Guesses remembered, a power of two. */
const GUESSES = 2048;

/**
 * An entry, in bytes: the name's length with its NUL (0: no name), the length of its text, then the name in the pieces by
 * which it is compared, then its text `"name":`, padded, so that it is copied by whole words.
 */
const ENTRY = 80;
const NAME_BYTES = 0;
const TEXT_BYTES = 4;
const LOW_MASK = 8;
const HIGH_MASK = 12;
const NAME = 16;
const TEXT = 48;
/** How far a text's copy writes, at most. */
export const FIELD_TEXT_ROOM = 32;

/**
 * The JSON texts of field names. Documents of one collection have the same few names in the same order, so the name that
 * followed the previous one last time is guessed and compared by words, without looking for its end.
 *
 * Only ASCII names that need no escape have an entry: their bytes can be moved and compared as doubles, which are never NaN.
 */
export class FieldNames {
  private readonly entries = new DataView(new ArrayBuffer(SLOTS * ENTRY));
  private readonly guesses = new Uint16Array(GUESSES);

  /**
   * @param view the memory that holds a document
   * @param at where a field's name starts
   * @param limit where the enclosing object's last byte is
   * @param end where the document ends: no byte from there on is read
   * @param context what the name is guessed by
   * @returns the name's entry, 0 if it has none
   */
  find(view: DataView, at: number, limit: number, end: number, context: number): number {
    const entries = this.entries;
    const guess = this.guesses[context & (GUESSES - 1)] ?? 0;
    const entry = guess * ENTRY;
    const bytes = entries.getInt32(entry + NAME_BYTES, true);
    if (
      bytes !== 0 &&
      at + bytes <= limit &&
      at + 8 <= end &&
      ((view.getInt32(at, true) ^ entries.getInt32(entry + NAME, true)) & entries.getInt32(entry + LOW_MASK, true)) ===
        0 &&
      ((view.getInt32(at + 4, true) ^ entries.getInt32(entry + NAME + 4, true)) &
        entries.getInt32(entry + HIGH_MASK, true)) ===
        0 &&
      // Of a longer name its last 8 bytes, which may overlap the first ones, and 8 in the middle.
      (bytes <= 8 ||
        (view.getFloat64(at + bytes - 8, true) === entries.getFloat64(entry + NAME + bytes - 8, true) &&
          (bytes <= 16 || view.getFloat64(at + 8, true) === entries.getFloat64(entry + NAME + 8, true))))
    ) {
      return guess;
    }
    return this.lookUp(view, at, limit, context);
  }

  /** Bytes of the name with its NUL. */
  nameBytes(slot: number): number {
    return this.entries.getInt32(slot * ENTRY + NAME_BYTES, true);
  }

  /** Copies the text `"name":` to where FIELD_TEXT_ROOM bytes are free; returns where it ends. */
  write(slot: number, out: DataView, to: number): number {
    const entries = this.entries;
    const text = slot * ENTRY + TEXT;
    const bytes = entries.getInt32(slot * ENTRY + TEXT_BYTES, true);
    out.setFloat64(to, entries.getFloat64(text, true), true);
    out.setFloat64(to + 8, entries.getFloat64(text + 8, true), true);
    if (bytes > 16) {
      out.setFloat64(to + 16, entries.getFloat64(text + 16, true), true);
      out.setFloat64(to + 24, entries.getFloat64(text + 24, true), true);
    }
    return to + bytes;
  }

  private lookUp(view: DataView, at: number, limit: number, context: number): number {
    const end = endOfName(view, at, limit);
    const slot = end + 1 - at > MOST_BYTES ? 0 : this.slotOf(view, at, end);
    this.guesses[context & (GUESSES - 1)] = slot;
    return slot;
  }

  private slotOf(view: DataView, at: number, end: number): number {
    let hash = 0;
    for (let byte = at; byte < end; byte += 1) {
      const code = view.getUint8(byte);
      if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return 0;
      hash = Math.imul(hash, 31) + code;
    }
    const first = (hash ^ (hash >>> 9)) % SLOTS;
    for (let probe = 0; probe < PROBES; probe += 1) {
      // Slot 0 is nobody's.
      const slot = (first + probe) & (SLOTS - 1) || 1;
      const isFree = this.nameBytes(slot) === 0;
      if (isFree) this.enter(slot, view, at, end);
      if (isFree || this.holds(slot, view, at, end)) return slot;
    }
    const slot = first & (SLOTS - 1) || 1;
    this.enter(slot, view, at, end);
    return slot;
  }

  private holds(slot: number, view: DataView, at: number, end: number): boolean {
    const name = slot * ENTRY + NAME - at;
    if (this.nameBytes(slot) !== end + 1 - at) return false;
    for (let byte = at; byte < end; byte += 1) {
      if (this.entries.getUint8(name + byte) !== view.getUint8(byte)) return false;
    }
    return true;
  }

  private enter(slot: number, view: DataView, at: number, end: number): void {
    const entries = this.entries;
    const entry = slot * ENTRY;
    const bytes = end + 1 - at;
    for (let byte = 0; byte < ENTRY; byte += 1) entries.setUint8(entry + byte, 0);
    entries.setInt32(entry + NAME_BYTES, bytes, true);
    entries.setInt32(entry + TEXT_BYTES, bytes + 2, true);
    for (let byte = 0; byte < Math.min(bytes, 8); byte += 1) entries.setUint8(entry + LOW_MASK + byte, 0xff);
    entries.setUint8(entry + TEXT, 0x22);
    for (let byte = 0; byte < end - at; byte += 1) {
      const code = view.getUint8(at + byte);
      entries.setUint8(entry + NAME + byte, code);
      entries.setUint8(entry + TEXT + 1 + byte, code);
    }
    entries.setUint8(entry + TEXT + bytes, 0x22);
    entries.setUint8(entry + TEXT + bytes + 1, 0x3a);
  }
}

/** Where the NUL after the name is. */
export function endOfName(view: DataView, at: number, limit: number): number {
  for (let end = at; end < limit; end += 1) {
    if (view.getUint8(end) === 0) return end;
  }
  throw new CorruptBsonError('a name of a BSON document does not end in it');
}
