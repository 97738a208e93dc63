import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type ClusterPlan, DATABASE_SETUP, gresConf, slurmConf, slurmdbdConf } from './configuration.ts';
import { type Release, RELEASES } from './releases.ts';

/** What Slurm's programs read before they start. @param directory as this machine sees it */
export async function writeConfiguration(plan: ClusterPlan, directory: string, release: Release): Promise<void> {
  const file = (name: string) => join(directory, name);
  for (const name of ['run', 'work', 'state']) await mkdir(file(name));
  // Several users make sockets in the one, and run jobs in the other.
  await chmod(file('run'), 0o1777);
  await chmod(file('work'), 0o1777);
  await writeFile(file('munge.key'), randomBytes(128), { mode: 0o400 });
  await writeFile(file('jwt.key'), randomBytes(32), { mode: 0o600 });
  await writeFile(file('slurm.conf'), slurmConf(plan));
  await writeFile(file('gres.conf'), gresConf(plan));
  await writeFile(file('cgroup.conf'), RELEASES[release].cgroupConf);
  await writeFile(file('slurmdbd.conf'), slurmdbdConf(plan), { mode: 0o600 });
  await writeFile(file('setup.sql'), DATABASE_SETUP);
}
