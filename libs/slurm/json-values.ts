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

export const JSON_NODE_VALUES: NodeValues = {
  integer: slurmInteger,
  word: slurmText,
  words: slurmWords,
  freeText: slurmText,
  reason: slurmText,
  tres: tresText,
};
