import { jobReader, jobToSlurmPart } from '#libs/slurm';
import type { FuzzTarget } from '../target.ts';
import { JSON_WORDS, LAB } from './slurm-words.ts';
import { checkLayouts, recordedJson } from './slurm-documents.ts';

export const target: FuzzTarget = {
  seeds: () =>
    recordedJson('jobs', [
      'slurm-22.05/squeue.json',
      'slurm-24.11/slurmrestd-v0.0.42-jobs.json',
      'slurm-26.05/scontrol-show-job.json',
    ]),
  words: JSON_WORDS,
  run: (input) => {
    checkLayouts(
      () => jobReader('controller-json', LAB),
      input,
      (record) => jobToSlurmPart(record, LAB),
    );
  },
};
