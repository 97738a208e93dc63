import { ApiOperation } from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';
import { ApiAnswers, ApiListAnswers, type JsonSchema } from '#libs/common';

const NUMBER_OR_NULL = (description: string): JsonSchema => ({ type: ['number', 'null'], minimum: 0, description });
const INTEGER_OR_NULL = (description: string): JsonSchema => ({ type: ['integer', 'null'], minimum: 0, description });

const SIX_FIELDS: Record<string, JsonSchema> = {
  name: { type: 'string', description: "The GPU's name as in Slurm's reports." },
  vendor: { type: ['string', 'null'], description: "The name of the GPU's vendor." },
  ram: NUMBER_OR_NULL("The GPU's memory in GB."),
  cuda_cores: INTEGER_OR_NULL('The number of CUDA cores.'),
  tensor_cores: INTEGER_OR_NULL('The number of tensor cores.'),
  tflops_fp32: NUMBER_OR_NULL('Theoretical TFLOPS in single precision (FP32).'),
};

const EXAMPLE = { name: 'rtx8000', vendor: 'nvidia', ram: 48, cuda_cores: 4608, tensor_cores: 576, tflops_fp32: 16.3 };

/** The six fields, all there, or none. */
export const GPU_OR_NONE_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'The GPU, or `{}` where there is none.',
  oneOf: [
    { type: 'object', properties: SIX_FIELDS, required: Object.keys(SIX_FIELDS), additionalProperties: false },
    { type: 'object', maxProperties: 0 },
  ],
};

const GPU_LIST_SCHEMA: JsonSchema = {
  type: 'array',
  items: {
    type: 'object',
    properties: { cw_name: { type: 'string', description: 'The key that gpu/one takes.' }, ...SIX_FIELDS },
    required: ['cw_name', ...Object.keys(SIX_FIELDS)],
    additionalProperties: false,
  },
};

export const GpuListAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'listGpus',
      summary: 'List the GPU specifications',
      description:
        'All GPU specifications in the catalogue, by `cw_name`: those that Clockwork knows and those that were imported. Takes no argument; can be an empty list.',
    }),
    ApiListAnswers({
      success: {
        description: 'The specifications.',
        schema: GPU_LIST_SCHEMA,
        example: [
          { cw_name: 'rtx8000', ...EXAMPLE },
          {
            cw_name: 'v100',
            name: 'v100',
            vendor: 'nvidia',
            ram: 16,
            cuda_cores: 5120,
            tensor_cores: 640,
            tflops_fp32: 15.7,
          },
        ],
      },
    }),
  );

export const GpuOneAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'getGpu',
      summary: 'Get the specifications of one GPU',
      description: 'Not more than `gpu/list` tells, but lighter. `{}` where the catalogue does not have the GPU.',
    }),
    ApiAnswers({
      success: { description: 'The GPU, or `{}`.', schema: GPU_OR_NONE_SCHEMA, example: EXAMPLE },
      400: '`gpu_name` is missing, empty or given twice.',
    }),
  );
