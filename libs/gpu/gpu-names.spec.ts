import { GpuNames } from './gpu-names.js';

const gpu = (cw_name: string, name: string) => ({ cw_name, name });
const builtIn = (name: string) => ({ cw_name: name, name, built_in: true as const });

describe('GpuNames', () => {
  const names = new GpuNames([
    gpu('a', 'b'),
    gpu('a_k80', 'k80'),
    gpu('b', 'c'),
    gpu('c2', 'c'),
    gpu('v100', 'volta'),
    ...['h100', 'h100_1g.10gb', 'k80', 't4'].map(builtIn),
  ]);

  it.each([
    ['a', 'a'],
    // As cw_name before it is another's name.
    ['b', 'b'],
    // Of two with one name the first.
    ['c', 'b'],
    ['volta', 'v100'],
    ['t4', 't4'],
    // An imported one before a built-in one.
    ['k80', 'a_k80'],
    ['tesla:k80', 'a_k80'],
    // A name of the catalogue is compared exactly, one of a built-in GPU however it is written.
    ['A', 'A'],
    ['Volta', 'Volta'],
    ['NVIDIA_H100_80GB_HBM3', 'h100'],
    ['nvidia_h100_80gb_hbm3_1g.10gb', 'h100_1g.10gb'],
    ['tesla_v100-sxm2-16gb', 'v100'],
    // What the catalogue does not have is not there, whatever Clockwork knows.
    ['nvidia_a100-sxm4-80gb', 'nvidia_a100-sxm4-80gb'],
    ['h900', 'h900'],
    ['', ''],
    ['__proto__', '__proto__'],
  ])('the type %j is %j', (type, key) => {
    expect(names.keyOfType(type)).toBe(key);
  });

  it('looks a type up exactly before it is taken for another name', () => {
    const own = new GpuNames([builtIn('h100'), gpu('mine', 'nvidia_h100_80gb_hbm3'), gpu('nvidia_h100', 'x')]);
    expect(own.keyOfType('nvidia_h100_80gb_hbm3')).toBe('mine');
    expect(own.keyOfType('nvidia_h100')).toBe('nvidia_h100');
    expect(own.keyOfType('h100')).toBe('h100');
  });

  it.each([
    ['A', 'a'],
    ['VOLTA', 'v100'],
    ['tesla_v100', 'v100'],
    ['K80', 'a_k80'],
    ['T4', 't4'],
    ['skylake', null],
    ['a100', null],
    ['', null],
  ])('the feature %j is %j', (feature, key) => {
    expect(names.keyOfFeature(feature)).toBe(key);
  });
});
