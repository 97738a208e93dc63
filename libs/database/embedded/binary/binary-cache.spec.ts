import { homedir } from 'node:os';
import { join } from 'node:path';

import { cacheDirectory, systemName } from './binary-cache.js';

describe('the cache of server binaries', () => {
  it('is where XDG_CACHE_HOME says, if that is absolute', () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/clockwork');
    expect(cacheDirectory({ XDG_CACHE_HOME: 'relative' })).toBe(join(homedir(), '.cache', 'clockwork'));
    expect(cacheDirectory({})).toBe(join(homedir(), '.cache', 'clockwork'));
  });

  it('names the system that a build is for', async () => {
    expect(await systemName()).toMatch(new RegExp(`^${process.platform}-${process.arch}-[\\w.-]+$`));
  });
});
