import { nodeToSlurmPart } from '#libs/slurm';
import { MILA } from './job-records.ts';

export const NODES = 2_000;

/** Name, memory in GB, CUDA cores, tensor cores, TFLOPS in single precision, as NVIDIA's data sheets say. */
const GPUS: readonly [name: string, ram: number, cudaCores: number, tensorCores: number, tflops: number][] = [
  ['k80', 12, 2496, 0, 4.1],
  ['m40', 24, 3072, 0, 6.8],
  ['p100', 16, 3584, 0, 9.3],
  ['titanxp', 12, 3840, 0, 12.1],
  ['v100', 32, 5120, 640, 15.7],
  ['rtx2080ti', 11, 4352, 544, 13.4],
  ['rtx8000', 48, 4608, 576, 16.3],
  ['t4', 16, 2560, 320, 8.1],
  ['a100', 40, 6912, 432, 19.5],
  ['a100l', 80, 6912, 432, 19.5],
  ['a6000', 48, 10752, 336, 38.7],
  ['l40s', 48, 18176, 568, 91.6],
  ['h100', 80, 16896, 528, 66.9],
];

export function nodeName(index: number): string {
  return `cn-a${String(index + 1).padStart(4, '0')}`;
}

export function gpuName(index: number): string {
  return GPUS[index % GPUS.length]?.[0] ?? '';
}

export function* gpuRecords(): Generator<object> {
  for (const [name, ram, cuda_cores, tensor_cores, tflops_fp32] of GPUS) {
    yield { cw_name: name, name, vendor: 'nvidia', ram, cuda_cores, tensor_cores, tflops_fp32 };
  }
}

/** Nodes as an import takes them, three of four with GPUs. */
export function* nodeRecords(): Generator<object> {
  for (let index = 0; index < NODES; index += 1) {
    const name = nodeName(index);
    const gpus = index % 4 === 3 ? null : 2 ** (1 + (index % 3));
    const gpuTres = gpus === null ? '' : `,gres/gpu=${gpus}`;
    const slurm = nodeToSlurmPart(
      {
        name,
        arch: 'x86_64',
        features: gpus === null ? 'skylake' : 'x86_64,turing,48gb',
        gres: gpus === null ? null : `gpu:${gpuName(index)}:${gpus}(S:0-1)`,
        gresUsed: gpus === null ? null : `gpu:${gpuName(index)}:1(IDX:0)`,
        addr: name,
        memory: 386_000,
        allocMemory: 193_000,
        cpus: 40,
        allocCpus: 20,
        state: ['IDLE', 'MIXED', 'ALLOCATED', 'DOWN+DRAIN'][index % 4] ?? 'IDLE',
        cfgTres: `cpu=40,mem=386000M,billing=46${gpuTres}`,
        allocTres: 'cpu=20,mem=193000M',
        comment: null,
        reason: index % 4 === 3 ? 'bad memory module, see the ticket' : null,
        partitions: ['main', 'long', 'unkillable'],
      },
      MILA,
    );
    yield { slurm };
  }
}
