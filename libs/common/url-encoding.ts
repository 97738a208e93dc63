import { badRequest } from './problem.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Names and values in the order given, decoded, as in a query string or a form body. */
export type Pairs = [name: string, value: string][];

/**
 * Decodes `application/x-www-form-urlencoded` text (WHATWG URL, section 5.1), but strictly: percent signs and bytes
 * that are no UTF-8 are the caller's mistake, not a replacement character in a filter.
 * @param text one character a byte, as Node's `request.url` is
 * @throws Problem 400
 */
export function decodePairs(text: string): Pairs {
  const pairs: Pairs = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals), 'the name of a parameter');
    pairs.push([name, equals < 0 ? '' : decode(part.slice(equals + 1), quote(name))]);
  }
  return pairs;
}

function decode(text: string, what: string): string {
  if (!/[%+\u0080-\u00ff]/.test(text)) return text;
  if (/%(?![0-9a-fA-F]{2})/.test(text)) {
    throw badRequest(
      `${what}: a percent sign must be followed by two hexadecimal digits (a percent sign itself is %25).`,
    );
  }
  const bytes = text.replaceAll('+', ' ').replace(/%(..)/g, (_, hex: string) => byteCharacter(hex));
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    throw badRequest(`${what}: its bytes are not valid UTF-8.`);
  }
}

function byteCharacter(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16));
}

/** A name or value of the caller's in a sentence: quoted, and cut where it is long. */
export function quote(value: string): string {
  // The cut may go through a surrogate pair.
  return JSON.stringify(value.length <= 60 ? value : `${value.slice(0, 57).replace(/[\ud800-\udbff]$/, '')}…`);
}
