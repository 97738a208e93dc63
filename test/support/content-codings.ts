import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  zstdDecompressSync,
  type BrotliOptions,
  type ZlibOptions,
  type ZstdOptions,
} from 'node:zlib';

/** Content codings that lists come in, beside none. */
export const CODINGS = ['gzip', 'br', 'zstd'] as const;

/**
 * What bytes hold in a content coding (none: themselves).
 * @throws where they are not whole, or of another coding
 */
export function decoded(bytes: Buffer, coding: string | undefined): Buffer {
  return bytes.length === 0 ? bytes : decode(bytes, coding, {}, {}, {});
}

/** As a client decodes that does not look whether the coded body has come to its end. */
export function decodedPart(bytes: Buffer, coding: string | undefined): Buffer {
  return decode(
    bytes,
    coding,
    { finishFlush: constants.Z_SYNC_FLUSH },
    { finishFlush: constants.BROTLI_OPERATION_FLUSH },
    { finishFlush: constants.ZSTD_e_flush },
  );
}

function decode(
  bytes: Buffer,
  coding: string | undefined,
  gzip: ZlibOptions,
  brotli: BrotliOptions,
  zstd: ZstdOptions,
) {
  switch (coding) {
    case undefined:
      return bytes;
    case 'gzip':
      return gunzipSync(bytes, gzip);
    case 'br':
      return brotliDecompressSync(bytes, brotli);
    case 'zstd':
      return zstdDecompressSync(bytes, zstd);
    default:
      throw new Error(`nobody asked for the content coding ${coding}`);
  }
}
