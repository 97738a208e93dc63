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
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      if (LISTS.includes(route.url)) route.compress = false;
    });
  await app.register(compress, {
    globalDecompression: false,
    encodings: ['br', 'gzip'],
    brotliOptions: QUALITY,
    zlibOptions: LEVEL,
  });
}
