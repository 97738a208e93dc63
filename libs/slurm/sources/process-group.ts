import { setTimeout as sleep } from 'node:timers/promises';

const GRACE_MS = 2_000;
const LAST_LOOK_MS = 1_000;
const LOOK_EVERY_MS = 25;

/**
 * Ends a process group: asks by SIGTERM, and what is still there after two seconds by SIGKILL. Settles when nothing is left of it,
 * or after three seconds: what belongs to another user (below `sudo`) or hangs in the kernel cannot be ended from here.
 * A process that made itself a session of its own is not in the group any more, and goes on.
 */
export async function endProcessGroup(leader: number): Promise<void> {
  send(leader, 'SIGTERM');
  if (await isGone(leader, GRACE_MS)) return;
  send(leader, 'SIGKILL');
  await isGone(leader, LAST_LOOK_MS);
}

async function isGone(leader: number, patienceMs: number): Promise<boolean> {
  const end = performance.now() + patienceMs;
  while (performance.now() < end) {
    await sleep(LOOK_EVERY_MS);
    if (!send(leader, 0)) return true;
  }
  return false;
}

/** @returns whether there is such a group */
function send(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    // EPERM: there is one, and it is not ours.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
