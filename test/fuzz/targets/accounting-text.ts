import { jobReader, jobToSlurmPart } from '#libs/slurm';
import type { FuzzTarget } from '../target.ts';
import { LAB, SACCT_WORDS } from './slurm-words.ts';
import { checkDocument, recordedRows } from './slurm-documents.ts';

export const target: FuzzTarget = {
  seeds: () =>
    recordedRows([
      'slurm-22.05/sacct.psv',
      'slurm-24.11/sacct.psv',
      'slurm-24.11/sacct-duplicates.psv',
      'slurm-24.11/sacct-steps.psv',
      'slurm-26.05/sacct.psv',
      'slurm-26.05/sacct-delimiter.psv',
    ]),
  words: SACCT_WORDS,
  run: (input) => {
    checkDocument(
      () => jobReader('accounting-text', LAB),
      input,
      (record) => jobToSlurmPart(record, LAB),
    );
  },
};
