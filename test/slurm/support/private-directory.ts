import { access, chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'clockwork-slurm-';

/** A new directory that the programs below a root can see, named for this process. */
export async function newDirectory(root: string): Promise<string> {
  const directory = await mkdtemp(join(homeIn(root), `${NAME}${process.pid}-`));
  // Slurm's programs are several users.
  await chmod(directory, 0o755);
  return directory;
}

/** Removes the directories of processes that were killed. */
export async function removeLeftovers(root: string): Promise<void> {
  const home = homeIn(root);
  const names = (await exists(home)) ? await readdir(home) : [];
  for (const name of names.filter((each) => each.startsWith(NAME))) {
    const pid = String(name.slice(NAME.length).split('-', 1)[0]);
    if (!(await exists(`/proc/${pid}`))) await removeDirectory(join(home, name));
  }
}

/** @param directory in which something may be writing its last words */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 10 });
}

/** A path of the machine as the programs below a root see it. */
export function seenFrom(root: string, path: string): string {
  return root === '/' ? path : path.slice(root.length);
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function homeIn(root: string): string {
  return root === '/' ? tmpdir() : join(root, 'tmp');
}
