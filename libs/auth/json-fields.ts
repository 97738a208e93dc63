import type { IncomingMessage } from 'node:http';
import { badRequest, Problem, quote, readBody, readUtf8 } from '#libs/common';
import { isJsonObject, type JsonObject, JsonSyntaxError, type JsonValue, readJson } from '#libs/json';

const MOST_BODY_BYTES = 64 * 1024;
/** An object of texts and lists of texts. */
const MOST_BODY_DEPTH = 4;

/**
 * Reads a JSON object of a route that changes something: a field that the route does not know is a mistake there, and
 * not passed over.
 * @throws Problem 400 that names the field, 413 or 415
 */
export async function readJsonFields(request: IncomingMessage, known: readonly string[]): Promise<JsonObject> {
  const bytes = await readBody(request, MOST_BODY_BYTES);
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (bytes.length > 0 && mediaType !== 'application/json') {
    const says = mediaType === undefined ? 'has none' : `says ${quote(mediaType)}`;
    throw new Problem(415, `The body must be application/json, as its Content-Type must say; it ${says}.`);
  }
  const repeated = new Set<string>();
  const body = bytes.length === 0 ? undefined : parsed(readUtf8(bytes), repeated);
  if (body === undefined || !isJsonObject(body)) {
    throw badRequest(`body: must be a JSON object of ${known.join(', ')}.`);
  }
  for (const name of body.keys()) {
    if (!known.includes(name))
      throw badRequest(`${printable(name)}: is not a field of this; it takes ${known.join(', ')}.`);
    if (repeated.has(name)) throw badRequest(`${name}: was given more than once.`);
  }
  return body;
}

function parsed(text: string, repeated: Set<string>): JsonValue {
  try {
    return readJson(text, { maxDepth: MOST_BODY_DEPTH, onRepeatedKey: (key) => repeated.add(key) });
  } catch (error) {
    throw error instanceof JsonSyntaxError ? badRequest(`body: ${error.message}.`) : error;
  }
}

/** A name may be as long as a body, and hold anything. */
function printable(name: string): string {
  return /^\w{1,60}$/.test(name) ? name : quote(name);
}
