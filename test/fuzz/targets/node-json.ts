import { nodeReader, nodeToSlurmPart } from '#libs/slurm';
import type { FuzzTarget } from '../target.ts';
import { JSON_WORDS, LAB } from './slurm-words.ts';
import { checkLayouts, recordedJson } from './slurm-documents.ts';

export const target: FuzzTarget = {
  seeds: () =>
    recordedJson('nodes', [
      'slurm-22.05/sinfo.json',
      'slurm-24.11/scontrol-show-node.json',
      'slurm-26.05/scontrol-show-node.json',
    ]),
  words: JSON_WORDS,
  run: (input) => {
    checkLayouts(
      () => nodeReader('node-json', LAB),
      input,
      (record) => nodeToSlurmPart(record, LAB),
    );
  },
};
