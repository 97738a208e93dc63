import { promisify } from 'node:util';
import type { Transform } from 'node:stream';
import {
  brotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzip,
  zstdCompress,
} from 'node:zlib';

/** The content codings that lists are sent in (RFC 9110, section 8.4.1), the better ones for lists first. */
export const ENCODINGS = ['zstd', 'br', 'gzip', 'identity'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Cheap levels: a list is made for one reader and read once. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const GZIP = { level: 1 };
/** What a compressor hands on at once. */
const CHUNK = { chunkSize: 64 * 1024 };

export function compressor(encoding: Exclude<Encoding, 'identity'>): Transform {
  switch (encoding) {
    case 'zstd':
      return createZstdCompress({ ...ZSTD, ...CHUNK });
    case 'br':
      return createBrotliCompress({ ...BROTLI, ...CHUNK });
    case 'gzip':
      return createGzip({ ...GZIP, ...CHUNK });
  }
}

export async function compressed(bytes: Buffer, encoding: Encoding): Promise<Buffer> {
  switch (encoding) {
    case 'zstd':
      return promisify(zstdCompress)(bytes, ZSTD);
    case 'br':
      return promisify(brotliCompress)(bytes, BROTLI);
    case 'gzip':
      return promisify(gzip)(bytes, GZIP);
    case 'identity':
      return bytes;
  }
}
