import { Binary, BSON, BSONRegExp, Code, Decimal128, Double, Long, ObjectId, Timestamp } from 'mongodb';
import type { FuzzTarget } from '../target.ts';
import { checkWritten } from './written-bson.ts';

/** Any bytes at all, given to the writer of lists as what the database sent. */
export const target: FuzzTarget = {
  seeds: () =>
    [
      {},
      {
        slurm: { job_id: '1', name: 'train "a"\n', nodes: ['cn-a001', 'é'] },
        cw: null,
        user: { loss: 0.25, epoch: 3 },
      },
      {
        date: new Date(0),
        long: Long.MAX_VALUE,
        double: new Double(-0),
        id: new ObjectId('0123456789abcdef01234567'),
        yes: true,
      },
      { decimal: Decimal128.fromString('1.5E-20'), code: new Code('f', { a: [1] }), plain: new Code('g') },
      { binary: new Binary(Buffer.from('ab'), 2), regexp: new BSONRegExp('a', 'im'), timestamp: new Timestamp(5n) },
    ].map((document) => BSON.serialize(document)),
  words: ['slurm\0', 'job_id\0', '\x02\0\0\0\0', '\x05\0\0\0\0', '\0\0', '\x03a\0', '\x04a\0', '\x0fa\0', '\xff'],
  // Of random lengths of the whole nearly all are refused at once.
  repair: (input) => {
    if (input.length < 5) return;
    Buffer.from(input.buffer, input.byteOffset, input.length).writeInt32LE(input.length);
    input[input.length - 1] = 0;
  },
  run: (input) => {
    checkWritten(input);
  },
};
