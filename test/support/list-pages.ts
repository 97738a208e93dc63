import type { ApiAnswer } from './api-client.js';

/** More than any list here has: a walk that does not end fails. */
const MOST_PAGES = 5_000;

/** Sends a GET for a path from the base path on, or for an absolute one. */
export type Get = (path: string) => Promise<ApiAnswer>;

/**
 * The page after this one by its `Link` (RFC 8288), resolved as a client behind any proxy would: against the address that
 * it asked for itself.
 * @returns an absolute path with its query, null where there is no more
 */
export function nextPage(answer: ApiAnswer, askedFor: string): string | null {
  const { link } = answer.headers;
  if (link === undefined) return null;
  const [, reference] = /^<([!#-;=?-[\]_a-z~]*)>; rel="next"$/.exec(String(link)) ?? [];
  if (reference === undefined) throw new Error(`this is no link to a next page: ${String(link)}`);
  if (/^(\/\/|[a-z][a-z0-9+.-]*:)/i.test(reference)) throw new Error(`a link must not name a host: ${reference}`);
  const { pathname, search } = new URL(reference, new URL(askedFor, 'http://client.example/api/v1/cluster/'));
  return pathname + search;
}

/**
 * Follows the links from a first page to the last.
 * @param between runs after each page that has a next one
 * @returns all pages, each with status 200
 */
export async function walkPages(get: Get, first: string, between?: () => Promise<void>): Promise<ApiAnswer[]> {
  const pages: ApiAnswer[] = [];
  for (let path: string | null = first; path !== null;) {
    const page = await get(path);
    if (page.status !== 200) throw new Error(`page ${pages.length + 1}, ${path}: ${page.status} ${page.text}`);
    if (pages.push(page) > MOST_PAGES) throw new Error(`${first}: there is no end of pages`);
    path = nextPage(page, path);
    if (path !== null) await between?.();
  }
  return pages;
}

/** The text of the list that the pages make up together. */
export function joinedPages(pages: readonly ApiAnswer[]): string {
  if (pages[0]?.headers['content-type'] === 'application/x-ndjson') return pages.map(({ text }) => text).join('');
  const insides = pages.map(({ text }) => text.replace(/^\[(.*)\]$/s, '$1')).filter((inside) => inside !== '');
  return `[${insides.join(',')}]`;
}

/** The opaque value of `after` in the link to the next page. */
export function cursorIn(answer: ApiAnswer): string {
  const next = nextPage(answer, '');
  const cursor = next === null ? null : new URL(next, 'http://client.example').searchParams.get('after');
  if (cursor === null) throw new Error(`there is no cursor in ${String(answer.headers['link'])}`);
  return cursor;
}
