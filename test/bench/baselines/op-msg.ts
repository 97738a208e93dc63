import { BSON, type Document } from 'mongodb';

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#op_msg: header, flags, one section of kind 0. */
const HEADER = 16;
const OPCODE = 2013;
const BODY_AT = HEADER + 4 + 1;

const OBJECT = 0x03;
const ARRAY = 0x04;
const BOOLEAN = 0x08;
const LONG = 0x12;

/** A command as the bytes of one message. */
export function commandMessage(requestId: number, command: Document): Buffer {
  const body = BSON.serialize(command);
  const message = Buffer.alloc(BODY_AT + body.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(requestId, 4);
  message.writeInt32LE(OPCODE, 12);
  message.set(body, BODY_AT);
  return message;
}

/** How long the message is that begins here; null where too little of it is there to tell. */
export function messageLength(data: Buffer): number | null {
  return data.length < 4 ? null : data.readInt32LE(0);
}

/**
 * The cursor to go on with in an answer to `find` or `getMore`, 0 at the end, without looking at the documents.
 * @throws where the answer is an error
 */
export function cursorId(message: Buffer): bigint {
  const cursor = valueAt(message, BODY_AT, 'cursor', OBJECT);
  const id = cursor === null ? null : valueAt(message, cursor, 'id', LONG);
  if (id === null) {
    throw new Error(`mongod answered ${JSON.stringify(BSON.deserialize(message.subarray(BODY_AT)))}`);
  }
  return message.readBigInt64LE(id);
}

/** Where in the document that begins at `start` a field's value is. */
function valueAt(message: Buffer, start: number, name: string, type: number): number | null {
  const end = start + message.readInt32LE(start) - 1;
  for (let at = start + 4; at < end;) {
    const nameEnd = message.indexOf(0, at + 1);
    const value = nameEnd + 1;
    const found = message[at] ?? 0;
    if (found === type && message.toString('latin1', at + 1, nameEnd) === name) return value;
    const size = sizeOf(found, message, value);
    if (size === null) return null;
    at = value + size;
  }
  return null;
}

/** Of the types that stand before a cursor's id; null for any other. */
function sizeOf(type: number, message: Buffer, at: number): number | null {
  if (type === OBJECT || type === ARRAY) return message.readInt32LE(at);
  if (type === LONG) return 8;
  return type === BOOLEAN ? 1 : null;
}
