import { createHash } from 'node:crypto';
import { BSON } from 'mongodb';
import { bsonToJson, type JsonObject } from '#libs/json';
import { BUILT_IN_CATALOGUE, BUILT_IN_MARK, builtInNamed } from './built-in-catalogue.js';
import { BUILT_IN_GPUS, BUILT_IN_REVISION, MIG_TABLES } from './built-in-gpus.js';
import { gpuDocument } from './gpu-record.js';
import { plainName } from './plain-name.js';

const GPUS = Object.values(BUILT_IN_GPUS).flat();

function entry(name: string): unknown {
  return JSON.parse(bsonToJson(BSON.serialize(BUILT_IN_CATALOGUE.get(name) ?? new Map())).toString());
}

describe('the built-in catalogue', () => {
  it('has the two GPUs of the REST documentation as they are there', () => {
    const rtx8000 = { vendor: 'nvidia', ram: 48, cuda_cores: 4608, tensor_cores: 576, tflops_fp32: 16.3 };
    expect(entry('rtx8000')).toEqual({ cw_name: 'rtx8000', name: 'rtx8000', ...rtx8000, built_in: true });
    const v100 = { vendor: 'nvidia', ram: 16, cuda_cores: 5120, tensor_cores: 640, tflops_fp32: 15.7 };
    expect(entry('v100')).toEqual({ cw_name: 'v100', name: 'v100', ...v100, built_in: true });
  });

  it('has what an import would make of it', () => {
    for (const gpu of BUILT_IN_CATALOGUE.values()) {
      const fields = new Map([...gpu].filter(([field]) => field !== BUILT_IN_MARK));
      const imported = new Map(gpuDocument(fields) as JsonObject).set(BUILT_IN_MARK, true);
      expect(BSON.serialize(imported)).toEqual(BSON.serialize(gpu));
    }
  });

  it('gives a slice its own memory, and of cores and TFLOPS the part of its SMs', () => {
    expect(entry('a100_3g.20gb')).toMatchObject({ ram: 20, cuda_cores: 2688, tensor_cores: 168, tflops_fp32: 7.6 });
    expect(entry('h100_1g.12gb')).toMatchObject({ ram: 12, cuda_cores: 2048, tensor_cores: 64, tflops_fp32: null });
    expect(entry('h200_7g.141gb')).toMatchObject({ ram: 141, cuda_cores: 16896, tensor_cores: 528, tflops_fp32: 67 });
    expect(entry('b200_1g.23gb')).toMatchObject({ ram: 23, cuda_cores: null, tensor_cores: null, tflops_fp32: null });
  });

  it('gives a profile alone what it has on every GPU', () => {
    expect(entry('1g.5gb')).toMatchObject({ vendor: 'nvidia', ram: 5, cuda_cores: 896, tensor_cores: 56 });
    expect(entry('1g.10gb')).toMatchObject({ ram: 10, cuda_cores: null, tensor_cores: null, tflops_fp32: null });
    expect(entry('3g.40gb')).toMatchObject({ ram: 40, cuda_cores: null });
  });

  it('has slices that are no larger than their GPU, and as large as they are called', () => {
    for (const { of, profiles, whole } of MIG_TABLES) {
      const gpus = GPUS.filter(({ name }) => of.includes(name));
      expect(gpus).toHaveLength(of.length);
      for (const [profile, [ram, sms]] of Object.entries(profiles)) {
        expect(profile).toMatch(new RegExp(`^\\dg\\.${ram}gb$`));
        expect(ram).toBeLessThanOrEqual(Math.max(...gpus.map((gpu) => gpu.ram)));
        if (whole !== null) expect(sms).toBeLessThanOrEqual(whole.sms);
      }
      if (whole === null) continue;
      for (const { cudaCores, tensorCores } of gpus) {
        expect(whole.sms * whole.cudaCoresPerSm).toBe(cudaCores);
        expect(whole.sms * whole.tensorCoresPerSm).toBe(tensorCores);
      }
    }
  });

  it('has no name twice, however it is written', () => {
    const names = GPUS.flatMap(({ name, alsoNamed }) => [name, ...alsoNamed]).map(plainName);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(BUILT_IN_CATALOGUE.size).toBe(
      GPUS.length +
        MIG_TABLES.flatMap(({ profiles }) => Object.keys(profiles)).length +
        new Set(MIG_TABLES.flatMap(({ profiles }) => Object.keys(profiles))).size,
    );
  });

  it('says for each GPU where its figures are from', () => {
    for (const { source } of [...GPUS, ...MIG_TABLES]) expect(source).toMatch(/^(NVIDIA|AMD|Intel|Clockwork) .{10,}/);
  });

  it('has a revision of its own: whoever changes the GPUs raises BUILT_IN_REVISION and gives the new hash here', () => {
    const hash = createHash('sha256');
    for (const gpu of BUILT_IN_CATALOGUE.values()) hash.update(BSON.serialize(gpu));
    expect([BUILT_IN_REVISION, hash.digest('base64url').slice(0, 12)]).toEqual([1, 'xY9F6MYtQJNQ']);
  });
});

describe('builtInNamed', () => {
  it('knows each by its own name', () => {
    for (const name of BUILT_IN_CATALOGUE.keys()) expect(builtInNamed(name)).toBe(name);
  });

  it.each([
    // As NVML and ROCm call them, in the form that Slurm's AutoDetect gives them.
    ['nvidia_a100-sxm4-80gb', 'a100l'],
    ['nvidia_a100_80gb_pcie', 'a100l'],
    ['nvidia_a100-pcie-40gb', 'a100'],
    ['tesla_v100-sxm2-16gb', 'v100'],
    ['tesla_v100-sxm2-32gb', 'v100l'],
    ['tesla_v100-pcie-32gb', 'v100-pcie-32gb'],
    ['tesla_p100-pcie-12gb', 'p100-pcie-12gb'],
    ['tesla_t4', 't4'],
    ['quadro_rtx_8000', 'rtx8000'],
    ['quadro_rtx_6000', 'rtx6000'],
    ['nvidia_rtx_6000_ada_generation', 'rtx6000ada'],
    ['nvidia_rtx_a6000', 'a6000'],
    ['nvidia_titan_xp', 'titanxp'],
    ['nvidia_geforce_gtx_1080_ti', 'gtx1080ti'],
    ['nvidia_geforce_rtx_4090', 'rtx4090'],
    ['nvidia_h100_80gb_hbm3', 'h100'],
    ['nvidia_h100_nvl', 'h100-nvl'],
    ['nvidia_h100_pcie', 'h100-pcie'],
    ['nvidia_gh200_480gb', 'gh200'],
    ['nvidia_rtx_pro_6000_blackwell_server_edition', 'rtxpro6000-server'],
    ['amd_instinct_mi300x', 'mi300x'],
    ['tesla:k80', 'k80'],
    ['RTX_3090', 'rtx3090'],
    ['3090', 'rtx3090'],
    ['a100_3g.20gb', 'a100_3g.20gb'],
    ['nvidia_a100_3g.20gb', 'a100_3g.20gb'],
    ['nvidia_a100-sxm4-40gb_mig_1g.5gb', 'a100_1g.5gb'],
    ['nvidia_h100_80gb_hbm3_1g.10gb', 'h100_1g.10gb'],
    ['nvidia_h100_1g.12gb', 'h100_1g.12gb'],
    ['nvidia_h100_nvl_1g.12gb', 'h100_1g.12gb'],
    ['1g.10gb+me', '1g.10gb'],
  ])('%s is %s', (name, key) => {
    expect(builtInNamed(name)).toBe(key);
  });

  it.each([
    '',
    'gpu',
    'tesla',
    'nvidia',
    'rtx',
    'v1000',
    'x100',
    'nvidia_h100',
    'NVIDIA H100',
    'a100_9g.99gb',
    'h100-pcie_1g.10gb',
    'h900_1g.10gb',
    '1c.3g.20gb',
  ])('%j is none of them', (name) => {
    expect(builtInNamed(name)).toBeNull();
  });
});
