import { migProfile, plainName } from './plain-name.js';

describe('plainName', () => {
  it.each([
    ['a100', 'a100'],
    ['A100', 'a100'],
    ['NVIDIA A100-SXM4-80GB', 'a100sxm480gb'],
    ['nvidia_a100-sxm4-80gb', 'a100sxm480gb'],
    ['tesla_v100-sxm2-16gb', 'v100sxm216gb'],
    ['nvidia_tesla_v100_sxm2_16gb', 'v100sxm216gb'],
    ['tesla:k80', 'k80'],
    ['quadro_rtx_8000', 'rtx8000'],
    ['nvidia_geforce_rtx_2080_ti', 'rtx2080ti'],
    ['amd_instinct_mi250x', 'mi250x'],
    ['Intel(R) Data Center GPU Max 1550', 'datacentergpumax1550'],
    ['tesla', 'tesla'],
    ['', ''],
    ['_-', ''],
  ])('%j is %j', (name, plain) => {
    expect(plainName(name)).toBe(plain);
  });
});

describe('migProfile', () => {
  it.each([
    ['1g.10gb', '', '1g.10gb'],
    ['1G.10GB', '', '1g.10gb'],
    ['mig-1g.10gb', '', '1g.10gb'],
    ['1g.10gb+me', '', '1g.10gb'],
    ['1g.24gb+me.all', '', '1g.24gb'],
    ['a100_3g.20gb', 'a100', '3g.20gb'],
    ['a100l.2g.20gb', 'a100l', '2g.20gb'],
    ['nvidia_a100-sxm4-40gb_mig_3g.20gb', 'nvidia_a100-sxm4-40gb', '3g.20gb'],
    ['nvidia_h100_80gb_hbm3_1g.10gb', 'nvidia_h100_80gb_hbm3', '1g.10gb'],
  ])('%s', (name, gpu, profile) => {
    expect(migProfile(name)).toEqual({ gpu, profile });
  });

  it.each(['', 'a100', 'a100-80gb', '1g', '10gb', '1g.10gb.x', 'x1g.10gb', '1g10gb'])('%j is no slice', (name) => {
    expect(migProfile(name)).toBeNull();
  });
});
