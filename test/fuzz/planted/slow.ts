import type { FuzzTarget } from '../target.ts';

/** Takes the square of an input's length. */
export const target: FuzzTarget = {
  seeds: () => [Buffer.from('ab')],
  run: (input) => {
    let sum = 0;
    for (const one of input) for (const other of input) sum += one ^ other;
    if (sum < 0) throw new Error('no sum of bytes is negative');
  },
};
