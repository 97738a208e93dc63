import { PassThrough, pipeline, Readable, Transform } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { countShortLivedBytes } from '#libs/common';
import { compressor, type Encoding } from './encoding.js';

/** Bytes kept of all lists together; a list that takes more than half of them is not kept. */
const MOST_BYTES = 32 * 1024 * 1024;
/** What is unpacked at a time: less takes more turns of another thread than it takes to unpack. */
const UNPACKED_BYTES = 256 * 1024;
/** Lists of which it is remembered that they were asked for. */
const MOST_ASKED = 256;

interface Kept {
  pieces: readonly Buffer[];
  bytes: number;
}

/**
 * The bytes of lists that were asked for again while nothing had changed. What is sent as it is, is kept compressed: a
 * list takes less than a tenth of its length then, and to unpack it is much quicker than to read it from the database.
 */
export class ListCache {
  /** By tag, least recently used first. */
  private readonly kept = new Map<string, Kept>();
  private readonly asked = new Set<string>();
  private readonly recording = new Set<string>();
  private bytes = 0;

  /** @param tag the version of a list in one form: equal tags mean equal bytes */
  get(tag: string, encoding: Encoding): Readable | null {
    const found = this.kept.get(tag);
    if (found === undefined) return null;
    this.kept.delete(tag);
    this.kept.set(tag, found);
    const stored = Readable.from(found.pieces, { objectMode: false });
    if (encoding !== 'identity') return stored;
    const unpacked = createZstdDecompress({ chunkSize: UNPACKED_BYTES });
    return pipeline(stored, unpacked, counting(), () => undefined);
  }

  /**
   * Passes on what is sent of a list, and keeps it if the list was asked for before and comes to its end: the first time
   * costs nothing, and who asks once takes no room.
   */
  recorded(tag: string, encoding: Encoding, sent: Readable): Readable {
    // Another request may have brought it here since it was looked for.
    if (this.kept.has(tag)) return sent;
    if (!this.asked.delete(tag) || this.recording.has(tag)) {
      this.remember(tag);
      return sent;
    }
    this.recording.add(tag);
    const pieces: Buffer[] = [];
    let bytes = 0;
    const keep = new Transform({
      transform(piece: Buffer, _, done) {
        bytes += piece.length;
        if (bytes <= MOST_BYTES / 2) pieces.push(piece);
        else pieces.length = 0;
        done();
      },
    });
    const copy = encoding === 'identity' ? compressor('zstd') : new PassThrough();
    pipeline(copy, keep, (error) => {
      this.recording.delete(tag);
      if (!error && bytes <= MOST_BYTES / 2) this.keep(tag, { pieces, bytes });
    });
    return pipeline(sent, duplicating(copy), (error) => {
      if (error) copy.destroy(error);
    });
  }

  private remember(tag: string): void {
    this.asked.add(tag);
    const [oldest] = this.asked;
    if (this.asked.size > MOST_ASKED && oldest !== undefined) this.asked.delete(oldest);
  }

  private keep(tag: string, list: Kept): void {
    this.kept.set(tag, list);
    this.bytes += list.bytes;
    for (const [oldest, { bytes }] of this.kept) {
      if (this.bytes <= MOST_BYTES) break;
      this.kept.delete(oldest);
      this.bytes -= bytes;
    }
  }
}

/** Passes on buffers that are dead once they are sent. */
function counting(): Transform {
  return new Transform({
    transform(piece: Buffer, _, done) {
      countShortLivedBytes(piece.length);
      done(null, piece);
    },
  });
}

/** Passes on what comes, and writes it to another stream too, as fast as both take it. */
function duplicating(copy: NodeJS.WritableStream): Transform {
  return new Transform({
    transform(piece: Buffer, _, done) {
      // Whoever sends a piece takes its buffer back once it is passed on.
      const own = Buffer.from(piece);
      this.push(own);
      if (copy.write(own)) done();
      else copy.once('drain', done);
    },
    flush(done) {
      copy.end();
      done();
    },
  });
}
