import { statfs } from 'node:fs/promises';
import { bytes, type Finding, said, share } from './health-part.js';
import { MOST_LOOKING_MS, within } from './within.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** With less than this mongod may stop at any moment. */
const FAILING_BELOW = 256 * MIB;
/** A small share of a large disk is room for long. */
const DEGRADED_BELOW = 2 * GIB;
const DEGRADED_BELOW_SHARE = { share: 0.05, bytes: 20 * GIB };

const ADVICE =
  'Make room on that disk, or move CLOCKWORK_DATA_DIR to a larger one (end every process on it first). When it is full, writes fail and the database may end.';

/** A file system that is gone may never answer. */
export async function lookAtDisk(dataDir: string): Promise<Finding> {
  const found = await within(MOST_LOOKING_MS, () => statfs(dataDir));
  if (!(found instanceof Error)) {
    const { bavail, blocks, bsize } = found;
    return roomHealth(dataDir, { free: bavail * bsize, size: blocks * bsize });
  }
  return {
    part: 'disk',
    about: null,
    status: 'unknown',
    message: `The disk cannot be looked at: ${found.message}`,
    advice: `Check that ${dataDir} is there, and its file system mounted.`,
    measured: { directory: said(dataDir) },
  };
}

export function roomHealth(dataDir: string, { free, size }: { free: number; size: number }): Finding {
  const freeShare = size === 0 ? 0 : free / size;
  const isScarce =
    free < DEGRADED_BELOW || (freeShare < DEGRADED_BELOW_SHARE.share && free < DEGRADED_BELOW_SHARE.bytes);
  const status = free < FAILING_BELOW ? 'failing' : isScarce ? 'degraded' : 'ok';
  return {
    part: 'disk',
    about: null,
    status,
    message: `${(free / GIB).toFixed(1)} GiB (${(freeShare * 100).toFixed(0)} %) are free for the embedded database.`,
    advice: status === 'ok' ? null : ADVICE,
    measured: { directory: said(dataDir), free: bytes(free), size: bytes(size), free_share: share(freeShare) },
  };
}
