import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { API_BASE } from '#libs/common';

/** They choose their form themselves, since their tags depend on it. */
const LISTS = ['jobs', 'nodes', 'gpu'].map((part) => `${API_BASE}/${part}/list`);

/** Answers of one piece are small and made anew each time: cheap levels. */
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const LEVEL = { level: 1 };

/** Compresses the answers of all other routes for who accepts that. Request bodies are taken as they come. */
export async function compressAnswers(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRoute', (route) => {
    if (LISTS.includes(route.url)) route.compress = false;
  });
  // An answer that comes uncompressed depends on the header just as well (RFC 9110, section 12.5.5).
  server.addHook('onRequest', (_request, reply, done) => {
    void reply.header('Vary', 'Accept-Encoding');
    done();
  });
  await app.register(compress, {
    globalDecompression: false,
    encodings: ['br', 'gzip'],
    brotliOptions: QUALITY,
    zlibOptions: LEVEL,
  });
}
