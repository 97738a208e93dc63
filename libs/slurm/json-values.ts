import { slurmExitCode } from './exit-code.js';
import type { JobValues } from './job-values.js';
import type { NodeValues } from './read-node.js';
import { slurmId, slurmInteger, slurmMinutes, slurmTime } from './slurm-number.js';
import { slurmText, slurmWords } from './slurm-text.js';
import { tresText } from './tres-text.js';

/** As any version's JSON writes them: the shapes are told apart by what they are, not by the version. */
export const JSON_VALUES: JobValues = {
  id: slurmId,
  integer: slurmInteger,
  digits: (value) => (typeof value === 'string' ? slurmText(value) : slurmId(value)),
  time: slurmTime,
  limit: slurmMinutes,
  word: slurmText,
  freeText: slurmText,
  states: slurmWords,
  reason: slurmText,
  exitCode: slurmExitCode,
  tres: tresText,
};

/**
 * As accounting's JSON writes them. From 23.02 on a run that a requeue ended is PENDING with the flag REQUEUED there: PENDING is the
 * state of the number 0, that is, of none. Its text and 22.05 say REQUEUED.
 */
export const ACCOUNTING_JSON_VALUES: JobValues = {
  ...JSON_VALUES,
  states: (value) => {
    const words = slurmWords(value);
    return words.includes('REQUEUED') ? words.filter((word) => word !== 'PENDING') : words;
  },
};

export const JSON_NODE_VALUES: NodeValues = {
  integer: slurmInteger,
  word: slurmText,
  words: slurmWords,
  freeText: slurmText,
  reason: slurmText,
  tres: tresText,
};
