import { mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openDataDirectory } from './data-directory.js';

describe('the data directory', () => {
  let scratch: string;

  beforeEach(async () => {
    scratch = await realpath(await mkdtemp(join(tmpdir(), 'data-directory-')));
  });
  afterEach(async () => {
    await rm(scratch, { recursive: true, force: true });
  });

  it('is made with its parents, for its owner alone', async () => {
    const data = await openDataDirectory(join(scratch, 'a', 'b'));
    expect(data.root).toBe(join(scratch, 'a', 'b'));
    expect((await stat(data.root)).mode & 0o777).toBe(0o700);
    expect((await stat(data.db)).isDirectory()).toBe(true);
  });

  it('is the same by whatever name', async () => {
    const { root } = await openDataDirectory(join(scratch, 'a'));
    await symlink(root, join(scratch, 'link'));
    expect((await openDataDirectory(join(scratch, 'link'))).root).toBe(root);
  });

  it.each(['FILE', 'FILE/below', '/dev/null/below', '/proc/nothing'])('%s is refused with what to do', async (path) => {
    await writeFile(join(scratch, 'FILE'), '');
    const resolved = path.startsWith('/') ? path : join(scratch, path);
    await expect(openDataDirectory(resolved)).rejects.toThrow(`CLOCKWORK_DATA_DIR=${resolved} cannot be used: E`);
  });
});
