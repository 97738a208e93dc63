import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import fc from '../../test/support/seeded-fast-check.js';
import { compressed, compressor, type Encoding, ENCODINGS } from './encoding.js';
import { ListCache } from './list-cache.js';

const MIB = 1024 * 1024;
const arbitraryPieces = fc.array(
  fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.integer({ min: 1, max: 5_000 })).map(([unit, times]) => {
    return Buffer.concat(Array.from({ length: times }, () => unit));
  }),
  { maxLength: 5 },
);

const sending = (...pieces: Buffer[]): Readable => Readable.from(pieces, { objectMode: false });

/** What comes of a list that the cache has; null where it has none. */
async function stored(cache: ListCache, tag: string, encoding: Encoding = 'gzip'): Promise<Buffer | null> {
  const found = cache.get(tag, encoding);
  return found === null ? null : buffer(found);
}

function isKept(cache: ListCache, tag: string): boolean {
  const found = cache.get(tag, 'gzip');
  found?.destroy();
  return found !== null;
}

/** A list is kept a moment after its last byte is sent. */
async function untilKept(cache: ListCache, tag: string): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!isKept(cache, tag)) {
    if (performance.now() > deadline) throw new Error(`${tag} was not kept`);
    await turn();
  }
}

/** Asks for a list twice, and reads it to its end. */
async function keep(cache: ListCache, tag: string, bytes: Buffer, encoding: Encoding = 'gzip'): Promise<void> {
  await buffer(cache.recorded(tag, encoding, sending(bytes)));
  await buffer(cache.recorded(tag, encoding, sending(bytes)));
  await untilKept(cache, tag);
}

/** Which of these are kept, when all that was to be kept before is. */
async function keptAmong(cache: ListCache, tags: readonly string[]): Promise<string[]> {
  await keep(cache, 'the last', Buffer.from('x'));
  return tags.filter((tag) => isKept(cache, tag));
}

/** Sends all its pieces in one buffer, which it takes back as soon as a piece is written, as ListStream does. */
class ReusedBuffer extends Readable {
  private readonly piece = Buffer.alloc(16);

  constructor(private readonly pieces: readonly string[]) {
    super({ read: () => undefined });
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    const next = (index: number): void => {
      const text = this.pieces[index];
      this.piece.fill('#');
      if (text === undefined) {
        this.resume().push(null);
        return;
      }
      destination.write(this.piece.subarray(0, this.piece.write(text)), () => {
        next(index + 1);
      });
    };
    next(0);
    return destination;
  }
}

describe('ListCache', () => {
  it('leaves alone what is asked for once', async () => {
    const cache = new ListCache();
    const sent = sending(Buffer.from('[1,2]'));
    expect(cache.recorded('a', 'identity', sent)).toBe(sent);
    await buffer(sent);
    expect(await keptAmong(cache, ['a'])).toEqual([]);
  });

  it('keeps what is asked for again under the same tag, and no other', async () => {
    const cache = new ListCache();
    await buffer(cache.recorded('a', 'gzip', sending(Buffer.from('a'))));
    await buffer(cache.recorded('b', 'gzip', sending(Buffer.from('b'))));
    expect(await keptAmong(cache, ['a', 'b'])).toEqual([]);
    await buffer(cache.recorded('a', 'gzip', sending(Buffer.from('a'))));
    expect(await keptAmong(cache, ['a', 'b'])).toEqual(['a']);
  });

  it.each(ENCODINGS)('gives the bytes that were sent again, as often as they are asked for: %s', async (encoding) => {
    await fc.assert(
      fc.asyncProperty(arbitraryPieces, async (pieces) => {
        const cache = new ListCache();
        const plain = Buffer.concat(pieces);
        const sent = () => {
          const list = sending(...pieces);
          return encoding === 'identity' ? list : list.pipe(compressor(encoding));
        };
        const first = await buffer(cache.recorded('list', encoding, sent()));
        const second = await buffer(cache.recorded('list', encoding, sent()));
        expect(second.equals(first)).toBe(true);
        if (encoding === 'identity') expect(second.equals(plain)).toBe(true);
        await untilKept(cache, 'list');
        const again = await Promise.all([1, 2, 3].map(() => stored(cache, 'list', encoding)));
        for (const bytes of again) expect(bytes?.equals(first)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it('keeps what is sent as it is in a fraction of its length', async () => {
    const cache = new ListCache();
    const text = Buffer.alloc(8 * MIB, '{"slurm":{"job_state":"RUNNING"}},');
    await keep(cache, 'a', text, 'identity');
    expect((await stored(cache, 'a'))?.length).toBeLessThan(MIB);
    expect((await stored(cache, 'a', 'identity'))?.equals(text)).toBe(true);
  });

  it('holds 32 MiB, and lets go what was used longest ago', async () => {
    const cache = new ListCache();
    const bytes = Buffer.alloc(10 * MIB);
    for (const tag of ['a', 'b', 'c']) await keep(cache, tag, bytes);
    await stored(cache, 'a');
    await keep(cache, 'd', bytes);
    await stored(cache, 'c');
    await stored(cache, 'a');
    await keep(cache, 'e', bytes);
    expect(await keptAmong(cache, ['a', 'b', 'c', 'd', 'e'])).toEqual(['a', 'c', 'e']);
  });

  it('holds one list of at most half of that', async () => {
    const cache = new ListCache();
    await keep(cache, 'half', Buffer.alloc(16 * MIB));
    const longer = Array.from({ length: 17 }, () => Buffer.alloc(MIB));
    for (let time = 0; time < 2; time += 1) {
      const sent = await buffer(cache.recorded('longer', 'gzip', sending(...longer)));
      expect(sent.length).toBe(17 * MIB);
    }
    expect(await keptAmong(cache, ['half', 'longer'])).toEqual(['half']);
  });

  it('counts a list once that was recorded twice', async () => {
    const cache = new ListCache();
    const bytes = Buffer.alloc(10 * MIB);
    for (let round = 0; round < 4; round += 1) {
      // Later ones are of requests that looked for it before it was kept, and come to send it only now.
      await buffer(cache.recorded('a', 'gzip', sending(bytes)));
      await buffer(cache.recorded('a', 'gzip', sending(bytes)));
      await untilKept(cache, 'a');
    }
    await keep(cache, 'b', bytes);
    await keep(cache, 'c', bytes);
    expect(await keptAmong(cache, ['a', 'b', 'c'])).toEqual(['a', 'b', 'c']);
  });

  it.each(ENCODINGS)('keeps no buffer that the sender takes back and writes into: %s', async (encoding) => {
    const cache = new ListCache();
    const pieces = ['[1,', '2,', '3]'];
    await buffer(cache.recorded('a', encoding, sending(Buffer.from(pieces.join('')))));
    const sent = await buffer(cache.recorded('a', encoding, new ReusedBuffer(pieces)));
    expect(sent.toString()).toBe('[1,2,3]');
    await untilKept(cache, 'a');
    expect((await stored(cache, 'a', encoding))?.toString()).toBe('[1,2,3]');
  });

  it('records a list once at a time', async () => {
    const cache = new ListCache();
    const bytes = Buffer.from('a list');
    await buffer(cache.recorded('a', 'gzip', sending(bytes)));
    const slow = new PassThrough();
    const recording = cache.recorded('a', 'gzip', slow);
    for (const sent of [sending(bytes), sending(bytes), sending(bytes)]) {
      expect(cache.recorded('a', 'gzip', sent)).toBe(sent);
    }
    slow.end(bytes);
    await buffer(recording);
    await untilKept(cache, 'a');
    expect(await stored(cache, 'a')).toEqual(bytes);
  });

  it.each(ENCODINGS)('keeps nothing of a list that a client left: %s', async (encoding) => {
    const cache = new ListCache();
    const whole = Buffer.from('[{"a":1},{"b":2}]');
    await buffer(cache.recorded('a', encoding, sending(whole)));
    const source = new PassThrough();
    const closed = new Promise((resolve) => source.once('close', resolve));
    const sent = cache.recorded('a', encoding, source);
    source.write(whole.subarray(0, 5));
    await once(sent, 'data');
    sent.destroy();
    await closed;
    expect(await keptAmong(cache, ['a'])).toEqual([]);
    // The next ones record it anew.
    const form = await compressed(whole, encoding);
    await keep(cache, 'a', form, encoding);
    expect((await stored(cache, 'a', encoding))?.equals(form)).toBe(true);
  });

  it.each(ENCODINGS)('keeps nothing of a list that broke off, and lets its reader know: %s', async (encoding) => {
    const cache = new ListCache();
    await buffer(cache.recorded('a', encoding, sending(Buffer.from('[]'))));
    const source = new PassThrough();
    const sent = cache.recorded('a', encoding, source);
    source.write('[{"a":1}');
    await once(sent, 'data');
    source.destroy(new Error('the cursor was killed'));
    await expect(buffer(sent)).rejects.toThrow('the cursor was killed');
    expect(await keptAmong(cache, ['a'])).toEqual([]);
  });

  it('serves the others when one leaves', async () => {
    const cache = new ListCache();
    const text = Buffer.alloc(2 * MIB, 'some text, ');
    await keep(cache, 'a', text, 'identity');
    const leaving = cache.get('a', 'identity');
    const staying = stored(cache, 'a', 'identity');
    if (leaving === null) throw new Error('it was not kept');
    await once(leaving, 'data');
    leaving.destroy();
    expect((await staying)?.equals(text)).toBe(true);
    expect((await stored(cache, 'a', 'identity'))?.equals(text)).toBe(true);
  });

  it('remembers the last 256 lists that were asked for', async () => {
    const cache = new ListCache();
    const ask = (tag: string) => buffer(cache.recorded(tag, 'gzip', sending(Buffer.from(tag))));
    for (let number = 0; number < 257; number += 1) await ask(`list ${number}`);
    await ask('list 0');
    await ask('list 2');
    expect(await keptAmong(cache, ['list 0', 'list 2'])).toEqual(['list 2']);
  });
});
