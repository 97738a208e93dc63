import { jobReader, jobToSlurmPart } from '#libs/slurm';
import type { FuzzTarget } from '../target.ts';
import { LAB, SCONTROL_WORDS } from './slurm-words.ts';
import { checkDocument, recordedBlocks } from './slurm-documents.ts';

export const target: FuzzTarget = {
  seeds: () => recordedBlocks(['22.05', '24.11', '26.05'].map((version) => `slurm-${version}/scontrol-show-job.txt`)),
  words: SCONTROL_WORDS,
  run: (input) => {
    checkDocument(
      () => jobReader('controller-text', LAB),
      input,
      (record) => jobToSlurmPart(record, LAB),
    );
  },
};
