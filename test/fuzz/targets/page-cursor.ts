import { strict as assert } from 'node:assert';
import { Problem } from '#libs/common';
import { openCursor, sealCursor } from '../../../libs/lists/page-cursor.js';
import type { FuzzTarget } from '../target.ts';

const SECRET = Buffer.alloc(32, 7);
const LIST = '/jobs/list?user=ada';
const SEALED = [
  sealCursor(SECRET, LIST, { position: [null, '1', 'mila'], instant: null, move: 0 }),
  sealCursor(SECRET, LIST, { position: [new Date(0), '1_[2-3]', 'é'], instant: new Date(1), move: 2 ** 40 }),
];
const OF_OTHERS = [
  sealCursor(SECRET, '/nodes/list', { position: ['cn-a001', 'mila'], instant: null, move: 0 }),
  sealCursor(Buffer.alloc(32, 8), LIST, { position: ['1'], instant: null, move: 0 }),
];

/** A cursor opens as it was sealed, to the character, or is refused with 400. */
export const target: FuzzTarget = {
  seeds: () => [...SEALED, ...OF_OTHERS, ''].map((text) => Buffer.from(text)),
  words: ['=', '-', '_', '+', '/', 'AAAA', '\0', 'é'],
  run: (input) => {
    const text = Buffer.from(input).toString();
    try {
      openCursor(SECRET, LIST, text);
    } catch (error) {
      if (!(error instanceof Problem && error.status === 400)) throw error;
      assert.ok(!SEALED.includes(text), 'a cursor of this list was refused');
      return;
    }
    assert.ok(SEALED.includes(text), 'a cursor was opened that nobody sealed');
  },
};
