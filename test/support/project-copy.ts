import { cp, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';

/** What a fresh clone does not have. */
const NOT_CLONED = ['.env', '.git', 'coverage', 'data', 'data-demo', 'dist', 'node_modules'].map((name) =>
  resolve(name),
);

/** The project in a directory of its own, where it can be built and started, with the packages that are installed here. */
export interface ProjectCopy {
  directory: string;
  remove(): Promise<void>;
}

export async function copyProject(): Promise<ProjectCopy> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'clockwork-copy-')));
  await cp(resolve(), directory, {
    recursive: true,
    filter: (source) => !NOT_CLONED.some((path) => source === path || source.startsWith(path + sep)),
  });
  await symlink(await realpath('node_modules'), join(directory, 'node_modules'));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
