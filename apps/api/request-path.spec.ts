import fc from '../../test/support/seeded-fast-check.js';
import { isDecodable, routedTarget } from './request-path.js';

describe('routedTarget', () => {
  it.each([
    ['/api/v1/clusters/jobs/list?user=a', '/api/v1/cluster/jobs/list?user=a'],
    ['/api/v1/clusters', '/api/v1/cluster'],
    ['/api/v1/clusters/', '/api/v1/cluster/'],
    ['/api/v1/clusters?x=1', '/api/v1/cluster?x=1'],
    ['/api/v1/clusters/jobs/one?job_id=%zz', '/api/v1/cluster/jobs/one?job_id=%zz'],
    ['/api/v1/clusters/%zz', '/api/v1/cluster/%25zz'],
    ['/api/v1/cluster/jobs/%', '/api/v1/cluster/jobs/%25'],
    ['/api/v1/cluster/%ff?a=%ff', '/api/v1/cluster/%25ff?a=%ff'],
    ['http://localhost:3000/api/v1/clusters/jobs/list?user=a', '/api/v1/cluster/jobs/list?user=a'],
    ['HTTPS://user@host/api/v1/cluster/%zz', '/api/v1/cluster/%25zz'],
    ['http://host', '/'],
    ['http://host?x=http://host/', '/?x=http://host/'],
    ['*', '/*'],
    ['', '/'],
  ])('%s goes to %s', (target, routed) => {
    expect(routedTarget(target)).toBe(routed);
  });

  it.each([
    '/',
    '/api/v1/cluster/jobs/list?user=a',
    '/api/v1/clustersx/jobs/list',
    '/api/v1/cluster/clusters/list',
    '/x/api/v1/clusters/list',
    '/docs?next=/api/v1/clusters/jobs',
    '/api/v1/cluster/jobs%2Flist',
    '/api/v1/cluster/%F0%9F%98%80',
  ])('%s stays as it is', (target) => {
    expect(routedTarget(target)).toBe(target);
  });

  it('gives a path that can be decoded and leaves the query string alone, whatever comes', () => {
    const part = fc.string({
      unit: fc.constantFrom('%', '25', 'ff', 'C3', 'A9', '/', '?', '&', '=', 'api', 'v1', 'clusters', '\u00e9', '#'),
    });
    fc.assert(
      fc.property(fc.constantFrom('/', '/api/v1/cluster/', '/api/v1/clusters/'), part, (base, rest) => {
        const routed = routedTarget(base + rest);
        expect(isDecodable(routed)).toBe(true);
        expect(routed.split('?').slice(1)).toEqual((base + rest).split('?').slice(1));
        // Nothing under a base path comes out from under it, which is where the guard stands.
        if (base !== '/') expect(routed).toMatch(/^\/api\/v1\/cluster\//);
        expect(routedTarget(routed)).toBe(routed);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('isDecodable', () => {
  it('looks at the path alone', () => {
    expect(isDecodable('/a%20b?x=%')).toBe(true);
    expect(isDecodable('/a%2?x=1')).toBe(false);
    expect(isDecodable('/%ED%A0%80')).toBe(false);
  });
});
