import { type Document, Long } from 'mongodb';
import { commandMessage, cursorId, messageLength } from './op-msg.ts';

const answer = (body: Document) => commandMessage(1, body);

describe('OP_MSG', () => {
  it('begins with its length', () => {
    const message = commandMessage(7, { ping: 1, $db: 'admin' });
    expect(messageLength(message)).toBe(message.length);
    expect(messageLength(message.subarray(0, 3))).toBeNull();
    expect(message.readInt32LE(4)).toBe(7);
  });

  it.each([
    [
      {
        cursor: { firstBatch: [{ id: Long.fromNumber(5) }], id: Long.fromString('1234567890123456789'), ns: 'a.b' },
        ok: 1,
      },
      1234567890123456789n,
    ],
    [{ cursor: { nextBatch: [], partialResultsReturned: false, id: Long.ZERO, ns: 'a.b' }, ok: 1 }, 0n],
  ])('gives the cursor of %j', (body, id) => {
    expect(cursorId(answer(body))).toBe(id);
  });

  it('of an error is an error', () => {
    expect(() => cursorId(answer({ ok: 0, errmsg: 'no such command' }))).toThrow('no such command');
  });
});
