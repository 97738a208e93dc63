import { earlierFindings } from '../findings.ts';
import type { FuzzTarget } from '../target.ts';
import { TARGETS } from './index.ts';

describe.each(Object.entries(TARGETS))('%s', (name, { module }) => {
  it('holds of its seeds and of all inputs that were findings once', async () => {
    const { target } = (await import(module.href)) as { target: FuzzTarget };
    const inputs = [...target.seeds(), ...earlierFindings(name)];
    expect(inputs.length).toBeGreaterThan(1);
    for (const input of inputs) target.run(input);
  });
});
