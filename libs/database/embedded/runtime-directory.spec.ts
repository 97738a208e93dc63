import { tmpdir, userInfo } from 'node:os';

import { runtimeDirectoryCandidates, socketsFit } from './runtime-directory.js';

const LONG = `/srv/${'d'.repeat(100)}`;

describe('the directory of the sockets', () => {
  it('is inside the data directory where a socket’s path is short enough', () => {
    expect(runtimeDirectoryCandidates('/srv/clockwork', undefined, {})[0]).toBe('/srv/clockwork/run');
  });

  it('else is the recorded one, then one of the session’s, then a temporary one', () => {
    const name = new RegExp(`/clockwork-${userInfo().uid}-[0-9a-f]{16}$`);
    const [recorded, session, temporary] = runtimeDirectoryCandidates(LONG, '/run/recorded', {
      XDG_RUNTIME_DIR: '/run/user/7',
    });
    expect(recorded).toBe('/run/recorded');
    expect(session).toMatch(/^\/run\/user\/7\//);
    expect(session).toMatch(name);
    expect(temporary).toMatch(name);
    expect(temporary?.startsWith(tmpdir())).toBe(true);
  });

  it('differs between data directories', () => {
    const [one] = runtimeDirectoryCandidates(LONG, undefined, {});
    const [other] = runtimeDirectoryCandidates(`${LONG}e`, undefined, {});
    expect(one).not.toBe(other);
  });

  it('is measured in bytes', () => {
    expect(socketsFit(`/${'a'.repeat(90)}`)).toBe(true);
    expect(socketsFit(`/${'ä'.repeat(90)}`)).toBe(false);
    expect(socketsFit(`/${'a'.repeat(92)}`)).toBe(false);
  });
});
