import { applyDecorators } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { FRESHNESS_HEADERS } from '#libs/clusters';
import { ApiAnswers, ApiListAnswers, type JsonSchema } from '#libs/common';
import { GPU_OR_NONE_SCHEMA } from '#libs/gpu';

const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] };

const GPU_COUNT_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    cw_name: {
      type: ['string', 'null'],
      description: "The GPU's key in the catalogue; null where Slurm names no type.",
    },
    number: { type: 'integer', minimum: 1, description: 'How many the node has.' },
  },
  required: ['cw_name', 'number'],
  additionalProperties: false,
};

const NODE_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    slurm: {
      type: 'object',
      description: 'What Slurm tells; further fields of Slurm may be there.',
      properties: {
        name: { type: 'string' },
        cluster_name: { type: 'string' },
        arch: TEXT_OR_NULL,
        features: TEXT_OR_NULL,
        gres: TEXT_OR_NULL,
        addr: TEXT_OR_NULL,
        state: TEXT_OR_NULL,
        cfg_tres: TEXT_OR_NULL,
        alloc_tres: TEXT_OR_NULL,
        comment: TEXT_OR_NULL,
      },
      required: ['name', 'cluster_name'],
      additionalProperties: true,
    },
    cw: {
      type: 'object',
      description: 'What Clockwork worked out of `gres`, `cfg_tres` and `features`.',
      properties: {
        gpu: {
          ...GPU_COUNT_SCHEMA,
          description: 'The GPUs, or the first type where there are several; absent without GPUs.',
        },
        gpus: { type: 'array', items: GPU_COUNT_SCHEMA, description: 'All types, where there are several.' },
      },
      additionalProperties: false,
    },
  },
  required: ['slurm', 'cw'],
  additionalProperties: false,
};

const BELUGA_NODE = {
  slurm: {
    name: 'blg4118',
    arch: 'x86_64',
    features: 'skylake',
    gres: null,
    addr: 'blg4118',
    memory: '191000',
    state: 'ALLOCATED',
    cfg_tres: 'cpu=40,mem=191000M,billing=46',
    alloc_tres: 'cpu=40,mem=160000M',
    cluster_name: 'beluga',
  },
  cw: {},
};

const MILA_NODE = {
  slurm: {
    name: 'cn-a002',
    arch: 'x86_64',
    features: 'broadwell',
    gres: null,
    addr: 'cn-a002',
    memory: '128000',
    state: 'ALLOCATED',
    cfg_tres: 'cpu=32,mem=125G,billing=32',
    alloc_tres: 'cpu=32,mem=122528M',
    comment: null,
    cluster_name: 'mila',
  },
  cw: {},
};

const SEVERAL = 'More than one node matches; the detail names the clusters to choose from with `cluster_name`.';
const NO_NAME = '`name` is missing, empty or given twice.';

export const NodesListAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'listNodes',
      summary: 'List the cluster nodes',
      description: 'All nodes, ordered by cluster and name. Most of what is told of a node stays constant.',
    }),
    ApiListAnswers({
      success: {
        description: 'The nodes.',
        headers: FRESHNESS_HEADERS,
        schema: { type: 'array', items: NODE_SCHEMA },
        example: [BELUGA_NODE],
      },
    }),
  );

export const NodeOneAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'getNode',
      summary: 'Get one node',
      description: 'Not more than `nodes/list` tells, but lighter. `{}` where there is no such node.',
    }),
    ApiAnswers({
      success: {
        description: 'The node, or `{}`.',
        headers: FRESHNESS_HEADERS,
        schema: { oneOf: [NODE_SCHEMA, { type: 'object', maxProperties: 0 }] },
        example: MILA_NODE,
      },
      400: NO_NAME,
      500: SEVERAL,
    }),
  );

export const NodeGpuAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'getNodeGpu',
      summary: "Describe a node's GPU",
      description:
        '`{}` where the node is not known, has no GPU, none with a type, or one that is not in the catalogue. Of several types, the first.',
    }),
    ApiAnswers({
      success: {
        description: 'The GPU, or `{}`.',
        headers: FRESHNESS_HEADERS,
        schema: GPU_OR_NONE_SCHEMA,
        example: { name: 'rtx8000', vendor: 'nvidia', ram: 48, cuda_cores: 4608, tensor_cores: 576, tflops_fp32: 16.3 },
      },
      400: NO_NAME,
      500: SEVERAL,
    }),
  );
