import { strict as assert } from 'node:assert';
import { isUtf8 } from 'node:buffer';
import { BsonJsonWriter, OutputBuffers } from '#libs/json';
import { CorruptBsonError } from '../../../libs/json/corrupt-bson-error.js';
import { modelText, NoDocument } from './bson-model.ts';

/** So small that it is outgrown at any place. */
const BUFFER_BYTES = 256;
const AROUND = 24;

const buffers = new OutputBuffers(BUFFER_BYTES, 2);

/** Holds what the writer makes of bytes against the model: a text, or CorruptBsonError where they are no document. */
export function checkWritten(input: Uint8Array): string | null {
  const expected = expectedText(input);
  assert.deepEqual(written(input, 0), expected);
  // What lies around a document is none of its business, and its length is its own.
  if (input.length >= 4 && Buffer.from(input).readInt32LE() <= input.length) {
    for (const byte of [0, 0xff]) {
      const around = Buffer.alloc(AROUND, byte);
      assert.deepEqual(written(Buffer.concat([around, input, around]), AROUND), expected);
    }
  }
  if (expected !== null) JSON.parse(expected);
  return expected;
}

function expectedText(input: Uint8Array): string | null {
  try {
    return modelText(input);
  } catch (error) {
    if (error instanceof NoDocument) return null;
    throw error;
  }
}

/** @returns null for what the writer refused */
function written(bson: Uint8Array, start: number): string | null {
  const untouched = Buffer.from(bson);
  const writer = new BsonJsonWriter(buffers);
  writer.raw('<');
  let refused = false;
  try {
    writer.document(bson, start);
  } catch (error) {
    if (!(error instanceof CorruptBsonError)) throw error;
    refused = true;
  }
  assert.ok(untouched.equals(bson), 'the document was written to');
  const text = writer.take();
  assert.ok(isUtf8(text), 'the text is no UTF-8');
  const whole = text.toString();
  buffers.recycle(text);
  assert.equal(whole[0], '<', 'the text before it was written to');
  if (!refused) return whole.slice(1);
  assert.equal(whole.length, 1, 'something was written of a document that was refused');
  return null;
}
