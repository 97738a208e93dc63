import { execFileSync } from 'node:child_process';

import fc from '../../../test/support/seeded-fast-check.js';

import { shellWord } from './shell-word.js';

it('is read back by a shell as it was', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary-ascii' }),
    fc.string({ unit: fc.constantFrom(...'\'"\\$`!*?~ \n;&|<>()#=%{}a-'.split('')) }),
  );
  fc.assert(
    fc.property(
      fc.array(
        word.map((text) => text.replaceAll('\0', '')),
        { minLength: 1, maxLength: 20 },
      ),
      (words) => {
        const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${words.map(shellWord).join(' ')}`], {
          encoding: 'utf8',
        });
        expect(printed.split('\0').slice(0, -1)).toEqual(words);
      },
    ),
    { numRuns: 50 },
  );
});

it('leaves what needs no quotes', () => {
  expect(['squeue', '--json', 'SLURM_CONF=/etc/slurm.conf', '%s'].map(shellWord)).toEqual([
    'squeue',
    '--json',
    'SLURM_CONF=/etc/slurm.conf',
    '%s',
  ]);
});
