/**
 * The GPUs that the catalogue has without an import: facts from the vendors' data sheets, of one GPU as its vendor counts
 * them (half of a K80 or a quarter of an A16 board, but a whole MI250X, which has two dies). Where a sheet does not tell, or two
 * of them disagree, it is null.
 *
 * Whoever changes anything here raises BUILT_IN_REVISION: that is how a database learns that there is something new.
 */
export const BUILT_IN_REVISION = 1;

export interface BuiltInGpu {
  /** What a site writes as a type of `gpu` in Slurm: its `cw_name` and its `name`. */
  name: string;
  /** GB. */
  ram: number;
  cudaCores: number | null;
  /** Null also for a GPU without tensor cores. */
  tensorCores: number | null;
  /** Theoretical, single precision, without sparsity and not of tensor or matrix cores. */
  tflops: number | null;
  source: string;
  /** Other names of the same GPU, those included that Slurm's AutoDetect finds; without the vendor's, which is put aside. */
  alsoNamed: readonly string[];
}

/** How a GPU can be cut into MIG slices. */
export interface MigTable {
  /** A slice is named after it: `a100_3g.20gb`. */
  family: string;
  /** The GPUs that can be cut so. */
  of: readonly string[];
  /** SMs of the whole GPU, and what it and one SM can do; null where not known. */
  whole: { sms: number; tflops: number | null; cudaCoresPerSm: number; tensorCoresPerSm: number } | null;
  /** GB and SMs of each profile, as `nvidia-smi mig -lgip` lists them. */
  profiles: Readonly<Record<string, readonly [ram: number, sms: number | null]>>;
  source: string;
}

type Row = readonly [
  name: string,
  ram: number,
  cudaCores: number | null,
  tensorCores: number | null,
  tflops: number | null,
  source: string,
  ...alsoNamed: string[],
];

/**
 * A plain name is the first model of that name, in its SXM form where there is one: `v100` has 16 GB, `a100` 40 GB. `v100l` and
 * `a100l` are what clusters in Canada call those with 32 and 80 GB.
 */
// prettier-ignore
const NVIDIA: readonly Row[] = [
  // Kepler, Maxwell, Pascal
  ['k80', 12, 2496, null, 4.37, 'NVIDIA Tesla K80 data sheet (24 GB, 4992 cores, 8.73 TFLOPS on two GPUs)'],
  ['m40', 12, 3072, null, 7, 'NVIDIA Tesla M40 data sheet'],
  ['m40-24gb', 24, 3072, null, 7, 'NVIDIA Tesla M40 24 GB data sheet'],
  ['p4', 8, 2560, null, 5.5, 'NVIDIA Tesla P4 data sheet'],
  ['p40', 24, 3840, null, 12, 'NVIDIA Tesla P40 data sheet'],
  ['p100', 16, 3584, null, 10.6, 'NVIDIA Tesla P100 data sheet, NVLink', 'p100-sxm2-16gb', 'p100-16gb'],
  ['p100-pcie-16gb', 16, 3584, null, 9.3, 'NVIDIA Tesla P100 data sheet, PCIe'],
  ['p100-pcie-12gb', 12, 3584, null, 9.3, 'NVIDIA Tesla P100 data sheet, PCIe', 'p100-12gb'],
  ['gtx1080', 8, 2560, null, 8.9, 'NVIDIA GeForce GTX 1080 whitepaper'],
  ['gtx1080ti', 11, 3584, null, 11.3, 'NVIDIA GeForce GTX 1080 Ti specifications', '1080ti'],
  ['titanx', 12, 3584, null, 11, 'NVIDIA TITAN X (Pascal) specifications'],
  ['titanxp', 12, 3840, null, 12.1, 'NVIDIA TITAN Xp specifications'],
  // Volta
  ['v100', 16, 5120, 640, 15.7, 'NVIDIA Tesla V100 data sheet, SXM2', 'v100-sxm2-16gb', 'v100-16gb'],
  ['v100l', 32, 5120, 640, 15.7, 'NVIDIA V100 data sheet, SXM2', 'v100-sxm2-32gb', 'v100-sxm3-32gb', 'v100-32gb'],
  ['v100-pcie-16gb', 16, 5120, 640, 14, 'NVIDIA V100 data sheet, PCIe'],
  ['v100-pcie-32gb', 32, 5120, 640, 14, 'NVIDIA V100 data sheet, PCIe'],
  ['v100s', 32, 5120, 640, 16.4, 'NVIDIA V100 data sheet, V100S PCIe', 'v100s-pcie-32gb'],
  ['titanv', 12, 5120, 640, 14.9, 'NVIDIA TITAN V specifications (5120 cores at 1455 MHz)'],
  // Turing
  ['t4', 16, 2560, 320, 8.1, 'NVIDIA T4 data sheet'],
  ['rtx2080', 8, 2944, 368, 10.1, 'NVIDIA Turing GPU architecture whitepaper', '2080'],
  ['rtx2080ti', 11, 4352, 544, 13.4, 'NVIDIA Turing GPU architecture whitepaper', '2080ti'],
  ['rtx5000', 16, 3072, 384, 11.2, 'NVIDIA Quadro RTX 5000 data sheet'],
  ['rtx6000', 24, 4608, 576, 16.3, 'NVIDIA Quadro RTX 6000 data sheet'],
  ['rtx8000', 48, 4608, 576, 16.3, 'Clockwork REST API, gpu/one; NVIDIA Quadro RTX 8000 data sheet'],
  ['titanrtx', 24, 4608, 576, 16.3, 'NVIDIA TITAN RTX data sheet'],
  // Ampere
  ['a2', 16, 1280, 40, 4.5, 'NVIDIA A2 data sheet'],
  ['a10', 24, 9216, 288, 31.2, 'NVIDIA A10 data sheet'],
  ['a16', 16, 1280, 40, 4.5, 'NVIDIA A16 data sheet (four such GPUs)'],
  ['a30', 24, 3584, 224, 10.3, 'NVIDIA A30 data sheet'],
  ['a40', 48, 10752, 336, 37.4, 'NVIDIA A40 data sheet'],
  ['a100', 40, 6912, 432, 19.5, 'NVIDIA A100 data sheet, 40 GB', 'a100-sxm4-40gb', 'a100-pcie-40gb', 'a100-40gb', 'a100-40'],
  ['a100l', 80, 6912, 432, 19.5, 'NVIDIA A100 data sheet, 80 GB', 'a100-sxm4-80gb', 'a100-80gb-pcie', 'a100-pcie-80gb', 'a100-80gb', 'a100-80'],
  ['a800', 80, 6912, 432, 19.5, 'NVIDIA A800 80 GB specifications', 'a800-sxm4-80gb', 'a800-80gb-pcie', 'a800-80gb'],
  ['a800-40gb', 40, 6912, 432, 19.5, 'NVIDIA A800 40 GB Active data sheet', 'a800-40gb-active'],
  ['a4000', 16, 6144, 192, 19.2, 'NVIDIA RTX A4000 data sheet', 'rtxa4000'],
  ['a4500', 20, 7168, 224, 23.7, 'NVIDIA RTX A4500 data sheet', 'rtxa4500'],
  ['a5000', 24, 8192, 256, 27.8, 'NVIDIA RTX A5000 data sheet', 'rtxa5000'],
  ['a5500', 24, 10240, 320, 34.1, 'NVIDIA RTX A5500 data sheet', 'rtxa5500'],
  ['a6000', 48, 10752, 336, 38.7, 'NVIDIA RTX A6000 data sheet', 'rtxa6000'],
  ['rtx3080', 10, 8704, 272, 29.8, 'NVIDIA Ampere GA102 whitepaper', '3080'],
  ['rtx3090', 24, 10496, 328, 35.6, 'NVIDIA Ampere GA102 whitepaper', '3090'],
  ['rtx3090ti', 24, 10752, 336, 40, 'NVIDIA GeForce RTX 3090 Ti specifications', '3090ti'],
  // Ada
  ['l4', 24, 7424, 232, 30.3, 'NVIDIA L4 data sheet; NVIDIA Ada architecture whitepaper (four tensor cores an SM)'],
  ['l40', 48, 18176, 568, 90.5, 'NVIDIA L40 data sheet'],
  ['l40s', 48, 18176, 568, 91.6, 'NVIDIA L40S data sheet'],
  ['rtx5000ada', 32, 12800, 400, 65.3, 'NVIDIA RTX 5000 Ada Generation data sheet', 'rtx5000-ada-generation', '5000ada'],
  ['rtx6000ada', 48, 18176, 568, 91.1, 'NVIDIA RTX 6000 Ada Generation data sheet', 'rtx6000-ada-generation', '6000ada'],
  ['rtx4080', 16, 9728, 304, 48.7, 'NVIDIA Ada GPU architecture whitepaper', '4080'],
  ['rtx4090', 24, 16384, 512, 82.6, 'NVIDIA Ada GPU architecture whitepaper', '4090'],
  // Hopper
  ['h100', 80, 16896, 528, 67, 'NVIDIA H100 data sheet, SXM', 'h100-80gb-hbm3', 'h100-sxm5-80gb', 'h100-sxm5', 'h100-sxm', 'h100-80gb'],
  ['h100-pcie', 80, 14592, 456, 51, 'NVIDIA H100 data sheet, PCIe', 'h100-80gb-pcie'],
  ['h100-nvl', 94, 16896, 528, 60, 'NVIDIA H100 data sheet, NVL'],
  ['h200', 141, 16896, 528, 67, 'NVIDIA H200 data sheet, SXM', 'h200-sxm', 'h200-sxm-141gb', 'h200-141gb'],
  ['h200-nvl', 141, 16896, 528, 60, 'NVIDIA H200 data sheet, NVL'],
  ['gh200', 96, 16896, 528, 67, 'NVIDIA GH200 Grace Hopper Superchip data sheet, HBM3', 'gh200-480gb', 'gh200-120gb', 'gh200-96gb'],
  ['gh200-144gb', 144, 16896, 528, 67, 'NVIDIA GH200 Grace Hopper Superchip data sheet, HBM3e', 'gh200-144g-hbm3e'],
  // Blackwell
  ['b200', 180, 18944, 592, 75, 'NVIDIA HGX B200 specifications (600 TFLOPS on eight GPUs); NVIDIA MIG user guide (180 GB)'],
  ['b300', 288, null, null, 75, 'NVIDIA HGX B300 specifications (600 TFLOPS on eight GPUs)', 'b300-sxm6-ac'],
  ['gb200', 186, null, null, 80, 'NVIDIA GB200 NVL72 specifications (5760 TFLOPS on 72 GPUs); NVIDIA MIG user guide (186 GB)'],
  ['gb300', 288, null, null, null, 'NVIDIA GB300 NVL72 specifications'],
  ['rtxpro6000', 96, 24064, 752, 125, 'NVIDIA RTX PRO 6000 Blackwell Workstation Edition data sheet', 'rtxpro6000-blackwell', 'rtxpro6000-blackwell-workstation-edition'],
  ['rtxpro6000-maxq', 96, 24064, 752, 110, 'NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition data sheet', 'rtxpro6000-blackwell-max-q-workstation-edition'],
  ['rtxpro6000-server', 96, 24064, 752, null, 'NVIDIA RTX PRO 6000 Blackwell Server Edition data sheet', 'rtxpro6000-blackwell-server-edition'],
  ['rtx5080', 16, 10752, 336, 56.3, 'NVIDIA RTX Blackwell GPU architecture whitepaper', '5080'],
  ['rtx5090', 32, 21760, 680, 104.8, 'NVIDIA RTX Blackwell GPU architecture whitepaper', '5090'],
];

// prettier-ignore
const AMD: readonly Row[] = [
  ['mi50', 16, null, null, 13.3, 'AMD Radeon Instinct MI50 data sheet'],
  ['mi60', 32, null, null, 14.7, 'AMD Radeon Instinct MI60 data sheet'],
  ['mi100', 32, null, null, 23.1, 'AMD Instinct MI100 data sheet'],
  ['mi210', 64, null, null, 22.6, 'AMD Instinct MI210 data sheet'],
  ['mi250', 128, null, null, 45.3, 'AMD Instinct MI250 data sheet'],
  ['mi250x', 128, null, null, 47.9, 'AMD Instinct MI250X data sheet'],
  ['mi300a', 128, null, null, 122.6, 'AMD Instinct MI300A data sheet'],
  ['mi300x', 192, null, null, 163.4, 'AMD Instinct MI300X data sheet'],
  ['mi325x', 256, null, null, 163.4, 'AMD Instinct MI325X data sheet'],
  ['mi350x', 288, null, null, 144.2, 'AMD Instinct MI350X data sheet'],
  ['mi355x', 288, null, null, 157.3, 'AMD Instinct MI355X data sheet'],
];

// prettier-ignore
const INTEL: readonly Row[] = [
  ['max1100', 48, null, null, 22.2, 'Intel Data Center GPU Max 1100 specifications', 'data-center-gpu-max-1100'],
  ['max1550', 128, null, null, 52.4, 'Intel Data Center GPU Max 1550 specifications', 'data-center-gpu-max-1550'],
];

export const BUILT_IN_GPUS: Readonly<Record<'nvidia' | 'amd' | 'intel', readonly BuiltInGpu[]>> = {
  nvidia: NVIDIA.map(gpuOf),
  amd: AMD.map(gpuOf),
  intel: INTEL.map(gpuOf),
};

/** Device names that could be several GPUs: NVML calls those with 94 and with 96 GB `NVIDIA H100` alike. */
export const AMBIGUOUS_NAMES: ReadonlySet<string> = new Set(['nvidia_h100']);

const MIG_GUIDE = 'NVIDIA Multi-Instance GPU user guide, supported MIG profiles; nvidia-smi mig -lgip';

// prettier-ignore
export const MIG_TABLES: readonly MigTable[] = [
  {
    family: 'a30', of: ['a30'], source: MIG_GUIDE,
    whole: { sms: 56, tflops: 10.3, cudaCoresPerSm: 64, tensorCoresPerSm: 4 },
    profiles: { '1g.6gb': [6, 14], '2g.12gb': [12, 28], '4g.24gb': [24, 56] },
  },
  {
    family: 'a100', of: ['a100', 'a100l'], source: MIG_GUIDE,
    whole: { sms: 108, tflops: 19.5, cudaCoresPerSm: 64, tensorCoresPerSm: 4 },
    profiles: {
      '1g.5gb': [5, 14], '1g.10gb': [10, 14], '2g.10gb': [10, 28], '3g.20gb': [20, 42], '4g.20gb': [20, 56], '7g.40gb': [40, 98],
      '1g.20gb': [20, 14], '2g.20gb': [20, 28], '3g.40gb': [40, 42], '4g.40gb': [40, 56], '7g.80gb': [80, 98],
    },
  },
  {
    family: 'h100', of: ['h100'], source: MIG_GUIDE,
    whole: { sms: 132, tflops: 67, cudaCoresPerSm: 128, tensorCoresPerSm: 4 },
    profiles: {
      '1g.10gb': [10, 16], '1g.20gb': [20, 26], '2g.20gb': [20, 32], '3g.40gb': [40, 60], '4g.40gb': [40, 64], '7g.80gb': [80, 132],
    },
  },
  {
    // With 94 and 96 GB there are an SXM and a PCIe form, whose clocks differ.
    family: 'h100', of: ['h100', 'h100-nvl', 'gh200'], source: MIG_GUIDE,
    whole: { sms: 132, tflops: null, cudaCoresPerSm: 128, tensorCoresPerSm: 4 },
    profiles: {
      '1g.12gb': [12, 16], '1g.24gb': [24, 26], '2g.24gb': [24, 32],
      '3g.47gb': [47, 60], '4g.47gb': [47, 64], '7g.94gb': [94, 132], '3g.48gb': [48, 60], '4g.48gb': [48, 64], '7g.96gb': [96, 132],
    },
  },
  {
    family: 'h200', of: ['h200'], source: MIG_GUIDE,
    whole: { sms: 132, tflops: 67, cudaCoresPerSm: 128, tensorCoresPerSm: 4 },
    profiles: {
      '1g.18gb': [18, 16], '1g.35gb': [35, 26], '2g.35gb': [35, 32], '3g.71gb': [71, 60], '4g.71gb': [71, 64], '7g.141gb': [141, 132],
    },
  },
  {
    family: 'b200', of: ['b200'], source: MIG_GUIDE, whole: null,
    profiles: {
      '1g.23gb': [23, null], '1g.45gb': [45, null], '2g.45gb': [45, null], '3g.90gb': [90, null], '4g.90gb': [90, null], '7g.180gb': [180, null],
    },
  },
  {
    family: 'rtxpro6000', of: ['rtxpro6000', 'rtxpro6000-maxq', 'rtxpro6000-server'], source: MIG_GUIDE, whole: null,
    profiles: { '1g.24gb': [24, null], '2g.48gb': [48, null], '4g.96gb': [96, null] },
  },
];

function gpuOf([name, ram, cudaCores, tensorCores, tflops, source, ...alsoNamed]: Row): BuiltInGpu {
  return { name, ram, cudaCores, tensorCores, tflops, source, alsoNamed };
}
