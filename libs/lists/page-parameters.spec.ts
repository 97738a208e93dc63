import fc from '../../test/support/seeded-fast-check.js';
import { QueryPipe, RawQuery } from '#libs/common';
import {
  AfterParameter,
  DEFAULT_PAGE,
  PageLimitParameter,
  MOST_ON_A_PAGE,
  type PageParameters,
} from './page-parameters.js';

class PagesQuery implements PageParameters {
  @PageLimitParameter()
  limit?: number;

  @AfterParameter()
  after?: string;
}

function read(queryString: string): PagesQuery {
  const query = new QueryPipe().transform(new RawQuery(queryString), { type: 'query', metatype: PagesQuery });
  return query as PagesQuery;
}

describe('the parameters of pages', () => {
  it.each<[string, PageParameters]>([
    ['', {}],
    ['limit=1', { limit: 1 }],
    ['limit=10000', { limit: 10_000 }],
    ['limit=007', { limit: 7 }],
    ['after=xYz-_', { after: 'xYz-_' }],
    ['limit=5&after=0', { limit: 5, after: '0' }],
  ])('of %j', (queryString, parameters) => {
    expect(read(queryString)).toEqual(parameters);
  });

  it('are 1 to 10 000 a page, 1 000 where nothing is said', () => {
    expect([MOST_ON_A_PAGE, DEFAULT_PAGE]).toEqual([10_000, 1_000]);
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -5, max: 12_000 }), fc.bigInt({ min: 0n, max: 10n ** 400n })), (limit) => {
        if (limit >= 1 && limit <= 10_000) expect(read(`limit=${limit}`)).toEqual({ limit: Number(limit) });
        else expect(() => read(`limit=${limit}`)).toThrow('limit: must be an integer from 1 to 10000.');
      }),
      { numRuns: 500 },
    );
  });

  it.each(['0', '10001', '-1', '-0', '+5', '%2B5', '1e3', '1.5', '5.0', '0x10', '5 ', 'abc', 'NaN', 'Infinity', '٣'])(
    'take no limit %j',
    (limit) => {
      const sent = Buffer.from(limit).toString('latin1');
      expect(() => read(`limit=${sent}`)).toThrow('limit: must be an integer from 1 to 10000.');
    },
  );

  it.each([
    ['limit=', /^limit: was given, but is empty/],
    ['after=', /^after: was given, but is empty/],
    ['limit=5&limit=5', /^limit: was given more than once/],
    ['after=a&after=b', /^after: was given more than once/],
    ['limit[$gt]=5', /^limit: takes a plain value/],
    ['after[]=x', /^after: takes a plain value/],
  ])('refuse %j', (queryString, message) => {
    expect(() => read(queryString)).toThrow(message);
  });
});
