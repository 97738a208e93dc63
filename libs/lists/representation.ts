import type { IncomingHttpHeaders } from 'node:http';
import Negotiator from 'negotiator';
import { JSON_MEDIA_TYPE, NDJSON_MEDIA_TYPE } from '#libs/common';
import { type Encoding, ENCODINGS } from './encoding.js';

/** The form in which a list is sent. */
export interface Representation {
  mediaType: typeof JSON_MEDIA_TYPE | typeof NDJSON_MEDIA_TYPE;
  encoding: Encoding;
}

/** The headers that decide it, which caches have to know (RFC 9110, section 12.5.5). */
export const DECIDING_HEADERS = 'Accept, Accept-Encoding';

/**
 * What the client likes best; what it does not say is JSON as it is. Who accepts none of ours gets that too: an answer
 * in another form is of more use than an error.
 */
export function representationFor(headers: IncomingHttpHeaders): Representation {
  const negotiator = new Negotiator({ headers });
  const ndjson = negotiator.mediaType([JSON_MEDIA_TYPE, NDJSON_MEDIA_TYPE]) === NDJSON_MEDIA_TYPE;
  return {
    mediaType: ndjson ? NDJSON_MEDIA_TYPE : JSON_MEDIA_TYPE,
    encoding: encodingFor(negotiator, headers['accept-encoding']),
  };
}

/** Which of those that a client likes equally we prefer; the published types are of a version before this option. */
interface Preferring {
  encodings(available: readonly string[], options: { preferred: readonly string[] }): string[];
}

function encodingFor(negotiator: Negotiator, header: string | undefined): Encoding {
  if (header === undefined) return 'identity';
  const [best] = (negotiator as Preferring).encodings(ENCODINGS, { preferred: ENCODINGS });
  return ENCODINGS.find((encoding) => encoding === best) ?? 'identity';
}
