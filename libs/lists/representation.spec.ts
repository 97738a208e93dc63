import fc from '../../test/support/seeded-fast-check.js';
import { type Encoding, ENCODINGS } from './encoding.js';
import { representationFor } from './representation.js';

const JSON_AS_IT_IS = { mediaType: 'application/json', encoding: 'identity' };

describe('representationFor', () => {
  it('is JSON as it is for who does not say', () => {
    expect(representationFor({})).toEqual(JSON_AS_IT_IS);
    expect(representationFor({ accept: '', 'accept-encoding': '' })).toEqual(JSON_AS_IT_IS);
  });

  it.each([
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/x-ndjson', 'application/x-ndjson'],
    ['Application/X-NDJSON', 'application/x-ndjson'],
    ['application/x-ndjson, */*', 'application/x-ndjson'],
    ['application/x-ndjson, application/json', 'application/x-ndjson'],
    ['application/json, application/x-ndjson', 'application/json'],
    ['application/json;q=0.5, application/x-ndjson', 'application/x-ndjson'],
    ['application/json;q=0.5, application/x-ndjson;q=0.4', 'application/json'],
    ['application/x-ndjson;q=0', 'application/json'],
    ['application/x-ndjson;q=0, */*', 'application/json'],
    ['application/json;q=0, */*', 'application/x-ndjson'],
    ['text/html, application/x-ndjson;q=0.1', 'application/x-ndjson'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
    ['text/csv', 'application/json'],
    ['nonsense', 'application/json'],
  ])('of a client that accepts %j is %s', (accept, mediaType) => {
    expect(representationFor({ accept }).mediaType).toBe(mediaType);
  });

  it.each<[string, Encoding]>([
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip;q=0.9, zstd;q=0.5', 'gzip'],
    ['*', 'zstd'],
    ['*;q=0.1', 'zstd'],
    ['zstd;q=0, *', 'br'],
    ['identity', 'identity'],
    ['identity, gzip;q=0.9', 'identity'],
    ['identity;q=0.5, gzip', 'gzip'],
    ['identity;q=0', 'identity'],
    ['*;q=0', 'identity'],
    ['identity;q=0, *', 'zstd'],
    ['gzip;q=0', 'identity'],
    ['gzip;q=0.001', 'gzip'],
    ['deflate, compress', 'identity'],
    ['gzip;q=high', 'identity'],
  ])('of a client that accepts %j is %s', (acceptEncoding, encoding) => {
    expect(representationFor({ 'accept-encoding': acceptEncoding }).encoding).toBe(encoding);
  });

  it('is what the client gives the highest quality, and of equal ones the best for lists', () => {
    const quality = fc.option(fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000));
    const said = fc.uniqueArray(fc.tuple(fc.constantFrom(...ENCODINGS, '*', 'deflate'), quality), {
      selector: ([name]) => name,
      minLength: 1,
    });
    fc.assert(
      fc.property(said, (codings) => {
        const header = codings.map(([name, q]) => (q === null ? name : `${name};q=${q}`)).join(', ');
        expect(representationFor({ 'accept-encoding': header }).encoding).toBe(preferred(new Map(codings)));
      }),
      { numRuns: 1000 },
    );
  });

  it('is one of ours, whatever the headers say', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...Array.from('gzip;q=0.1, */*;br"')) }));
    fc.assert(
      fc.property(text, text, (accept, acceptEncoding) => {
        const { mediaType, encoding } = representationFor({ accept, 'accept-encoding': acceptEncoding });
        expect(['application/json', 'application/x-ndjson']).toContain(mediaType);
        expect(ENCODINGS).toContain(encoding);
      }),
      { numRuns: 500 },
    );
  });
});

/** RFC 9110, section 12.5.3: `*` is what is not named; identity, unless refused, will always do. */
function preferred(said: ReadonlyMap<string, number | null>): Encoding {
  const qualityOf = (coding: Encoding): number => {
    const named = [coding, '*'].find((name) => said.has(name));
    if (named !== undefined) return said.get(named) ?? 1;
    return coding === 'identity' ? Number.MIN_VALUE : 0;
  };
  const accepted = ENCODINGS.filter((coding) => qualityOf(coding) > 0);
  const highest = Math.max(...accepted.map(qualityOf));
  return accepted.find((coding) => qualityOf(coding) === highest) ?? 'identity';
}
