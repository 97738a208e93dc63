import type { FuzzTarget } from '../target.ts';

export const target: FuzzTarget = {
  seeds: () => [Buffer.from('on'), Buffer.from('grow')],
  run: (input) => {
    const kept: number[][] = [];
    while (Buffer.from(input).toString() === 'grow') kept.push(new Array<number>(1_000_000).fill(0.5));
  },
};
