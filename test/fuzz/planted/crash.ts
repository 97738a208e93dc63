import type { FuzzTarget } from '../target.ts';

/** Crashes at five bytes in a row: by chance once in 10¹² inputs, by what each of them reaches within thousands. */
export const target: FuzzTarget = {
  seeds: () => [Buffer.alloc(8, 0x61)],
  run: (input) => {
    if (input[0] !== 0x46) return;
    if (input[1] !== 0x55) return;
    if (input[2] !== 0x5a) return;
    if (input[3] !== 0x21) return;
    if (input[4] === 0x5a) throw new RangeError('the planted crash');
  },
};
