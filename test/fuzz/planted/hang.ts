import type { FuzzTarget } from '../target.ts';

export const target: FuzzTarget = {
  seeds: () => [Buffer.from('on'), Buffer.from('stop')],
  run: (input) => {
    // eslint-disable-next-line no-empty -- that is the defect
    while (Buffer.from(input).toString() === 'stop') {}
  },
};
