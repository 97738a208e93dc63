/** What of a node's state matters to who looks for a free one. */
export type NodeUse = 'allocated' | 'mixed' | 'idle' | 'drained' | 'down';

/** Base states in which a node does nothing (`enum node_states` of slurm.h), and flags that say the same. */
const DOWN = ['DOWN', 'ERROR', 'UNKNOWN', 'FUTURE', 'FAIL', 'NOT_RESPONDING', 'INVALID_REG', 'INVALID'];
/** Flags of a node that may still run jobs and takes no new ones. */
const DRAINED = ['DRAIN', 'DRAINED', 'DRAINING', 'FAILING', 'MAINTENANCE', 'MAINT', 'REBOOT_ISSUED', 'PLANNED_DOWN'];

/**
 * @param state `IDLE`, `MIXED+DRAIN`, `DOWN+NOT_RESPONDING`; sinfo's short form `idle*` is taken too, where an import has it.
 *   Without any it is not known whether the node does anything, which is counted as down
 */
export function nodeUse(state: unknown): NodeUse {
  const words = typeof state === 'string' ? state.toUpperCase().split('+').map(withoutMark) : [];
  if (words.some((word) => DOWN.includes(word))) return 'down';
  if (words.some((word) => DRAINED.includes(word))) return 'drained';
  switch (words[0]) {
    case 'ALLOCATED':
    case 'ALLOC':
      return 'allocated';
    case 'MIXED':
    case 'MIX':
      return 'mixed';
    case 'IDLE':
      return 'idle';
    default:
      return 'down';
  }
}

/** A mark behind a state (sinfo, "NODE STATE CODES"); `*` says that the node does not respond, which slurmctld makes DOWN. */
function withoutMark(word: string): string {
  return word.replace(/[*~#!%$@^-]+$/, '');
}
