import fc from '../../test/support/seeded-fast-check.js';
import { decodePairs } from './url-encoding.js';
import { nextLink } from './next-link.js';

const PATH = '/api/v1/cluster/jobs/list';

/** Where a client goes from a link, as RFC 3986 resolves it and WHATWG's URL takes its query apart. */
function followed(link: string): { path: string; pairs: [string, string][] } {
  const [, reference = ''] = /^<([^<>"\s]*)>; rel="next"$/.exec(link) ?? [];
  const url = new URL(reference, 'http://clockwork.example');
  return { path: url.pathname, pairs: [...url.searchParams] };
}

describe('nextLink', () => {
  it.each([
    ['without a query', PATH],
    ['with an empty one', `${PATH}?`],
    ['with a cursor alone', `${PATH}?after=old`],
    ['as a proxy sends it', `http://example.org:3000${PATH}`],
    ['as a proxy sends it, over TLS', `HTTPS://example.org${PATH}?after=old`],
  ])('adds the cursor to a target %s', (_, target) => {
    expect(nextLink(target, 'new')).toBe(`<${PATH}?after=new>; rel="next"`);
  });

  it.each([
    ['user=ada&limit=5', 'user=ada&limit=5'],
    ['after=old&limit=5', 'limit=5'],
    ['limit=5&%61fter=old', 'limit=5'],
    ['limit=5&after', 'limit=5'],
    ['afterwards=1&After=2&x=after', 'afterwards=1&After=2&x=after'],
    ['user=a+b%26c%2e', 'user=a+b%26c%2e'],
    ['&limit=5&&unknown&x=?y=z&', 'limit=5&unknown&x=?y=z'],
    ['x=http://a/?b', 'x=http://a/?b'],
    ['x=%3e%22', 'x=%3e%22'],
    ['x=>;rel="prev"', 'x=%3E;rel=%22prev%22'],
    ['x=\u00c3\u00a9', 'x=%C3%A9'],
    ['x={|}^`\\', 'x=%7B%7C%7D%5E%60%5C'],
  ])('keeps of %j: %s', (query, kept) => {
    expect(nextLink(`${PATH}?${query}`, 'new')).toBe(`<${PATH}?${kept}&after=new>; rel="next"`);
  });

  it('keeps what was asked for, however it was written', () => {
    // What HTTP lets through in a target; Node gives one character a byte.
    const unit = fc.constantFrom(
      ...Array.from('&&==+;?/:\'"<>{|}^`\\a'),
      '%41',
      '%26',
      '%c3%a9',
      '\u00c3\u00a9',
      'after',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20 }), (query) => {
        const [, after = ''] = /^<[^<>"\s]*?\?([^<>"\s]*)>/.exec(nextLink(`${PATH}?${query}`, 'new')) ?? [];
        const asked = decodePairs(query).filter(([name]) => name !== 'after');
        expect(decodePairs(after)).toEqual([...asked, ['after', 'new']]);
      }),
      { numRuns: 500 },
    );
  });

  it('leads to the same request with the new cursor', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 });
    const pairs = fc.array(fc.tuple(fc.oneof(fc.constantFrom('after', 'user', 'limit'), text), text), { maxLength: 5 });
    fc.assert(
      fc.property(pairs, fc.stringMatching(/^[\w-]{1,40}$/), (sent, cursor) => {
        const query = new URLSearchParams(sent).toString();
        expect(followed(nextLink(`${PATH}?${query}`, cursor))).toEqual({
          path: PATH,
          pairs: [...sent.filter(([name]) => name !== 'after'), ['after', cursor]],
        });
      }),
      { numRuns: 300 },
    );
  });
});
