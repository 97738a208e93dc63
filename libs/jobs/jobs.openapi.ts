import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiQuery } from '@nestjs/swagger';
import { FRESHNESS_HEADERS } from '#libs/clusters';
import { ApiAnswers, ApiListAnswers, JSON_MEDIA_TYPE, type JsonSchema } from '#libs/common';
import { JOB_OUTCOMES, JOB_PHASES } from '#libs/slurm';

const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] };
const INTEGER_OR_NULL: JsonSchema = { type: ['integer', 'null'] };
const TIME: JsonSchema = {
  type: 'string',
  description: "ISO 8601 with the cluster's UTC offset, or `Unknown`.",
  pattern: '^(Unknown|\\d{4}-\\d{2}-\\d{2}T.*)$',
};

const NAMES: Record<string, JsonSchema> = {
  cc_account_username: TEXT_OR_NULL,
  mila_cluster_username: TEXT_OR_NULL,
  mila_email_username: TEXT_OR_NULL,
};

const JOB_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    slurm: {
      type: 'object',
      description:
        "What Slurm tells, named as there; further fields of Slurm may be there. The account name stands under the key of the cluster's kind of account.",
      properties: {
        job_id: { type: 'string' },
        cluster_name: { type: 'string' },
        job_state: { type: 'string', description: "Slurm's name of the state." },
        name: TEXT_OR_NULL,
        cc_account_username: TEXT_OR_NULL,
        mila_cluster_username: TEXT_OR_NULL,
        uid: TEXT_OR_NULL,
        account: TEXT_OR_NULL,
        exit_code: TEXT_OR_NULL,
        time_limit: { ...INTEGER_OR_NULL, description: 'Seconds; null is unlimited.' },
        submit_time: TIME,
        start_time: TIME,
        end_time: { ...TIME, description: 'Of a running job, what Slurm predicts.' },
        partition: TEXT_OR_NULL,
        nodes: { ...TEXT_OR_NULL, description: 'null until nodes are allocated.' },
        command: TEXT_OR_NULL,
        work_dir: TEXT_OR_NULL,
        stderr: TEXT_OR_NULL,
        stdin: TEXT_OR_NULL,
        stdout: TEXT_OR_NULL,
        array_job_id: TEXT_OR_NULL,
        array_task_id: INTEGER_OR_NULL,
        het_job_id: TEXT_OR_NULL,
        het_job_offset: INTEGER_OR_NULL,
      },
      required: ['job_id', 'cluster_name', 'job_state'],
      additionalProperties: true,
    },
    cw: {
      type: 'object',
      description: 'What Clockwork worked out.',
      properties: {
        ...NAMES,
        phase: { type: 'string', enum: JOB_PHASES, description: 'What the state comes to.' },
        outcome: { type: ['string', 'null'], enum: [...JOB_OUTCOMES, null], description: 'How it ended; null before.' },
        attempts: {
          type: 'array',
          items: { type: 'object', additionalProperties: true },
          description: 'What earlier attempts of a requeued job were, oldest first.',
        },
        stale: {
          type: 'boolean',
          description:
            'true while Slurm does not show the job any more and its accounting does not say how it ended: what is shown is how it was last seen. Absent otherwise.',
        },
      },
      required: [...Object.keys(NAMES), 'phase', 'outcome', 'attempts'],
      additionalProperties: false,
    },
    user: { type: 'object', description: "The owner's dict.", additionalProperties: true },
  },
  required: ['slurm', 'cw', 'user'],
  additionalProperties: false,
};

/** A job of which `fields` asked for a part: the same, and nothing need be there. */
const JOB_PART_SCHEMA: JsonSchema = {
  ...withoutRequired(JOB_SCHEMA),
  description: 'With `fields`: what was asked for and is there.',
  properties: Object.fromEntries(
    Object.entries(JOB_SCHEMA.properties ?? {}).map(([part, schema]) => [part, withoutRequired(schema)]),
  ),
};

function withoutRequired(schema: JsonSchema): JsonSchema {
  const copy = { ...schema };
  delete copy.required;
  return copy;
}

const BELUGA_JOB = {
  slurm: {
    job_id: '820432',
    name: 'somejobname_244745',
    cc_account_username: 'ccuser01',
    uid: '10001',
    account: 'def-pomme-rrg',
    job_state: 'PENDING',
    exit_code: '0:0',
    time_limit: 10800,
    submit_time: '2020-02-04T03:22:55-05:00',
    start_time: 'Unknown',
    end_time: 'Unknown',
    partition: 'fun_partition',
    nodes: null,
    command: '/a762/b220/c552',
    work_dir: '/a751/b704/c43',
    stderr: '/a869/b72/c702.err',
    stdin: '/dev/null',
    stdout: '/a942/b827/c342.out',
    cluster_name: 'beluga',
  },
  cw: {
    cc_account_username: 'ccuser01',
    mila_cluster_username: null,
    mila_email_username: null,
    phase: 'pending',
    outcome: null,
    attempts: [],
  },
  user: {},
};

const MILA_JOB = {
  slurm: {
    job_id: '233874',
    name: 'somejobname_942640',
    mila_cluster_username: 'milauser12',
    uid: '10012',
    account: 'mila',
    job_state: 'RUNNING',
    exit_code: '0:0',
    time_limit: 604800,
    submit_time: '2021-11-13T00:56:47-05:00',
    start_time: '2021-11-13T01:16:31-05:00',
    end_time: '2021-11-20T01:16:31-05:00',
    partition: 'fun_partition',
    nodes: 'cn-b005',
    resv_name: 'transtech',
    command: '/a58/b740/c718',
    work_dir: '/a308/b872/c331',
    stderr: '/a3/b765/c675.err',
    stdin: '/dev/null',
    stdout: '/a129/b104/c145.out',
    cluster_name: 'mila',
  },
  cw: {
    cc_account_username: null,
    mila_cluster_username: 'milauser12',
    mila_email_username: null,
    phase: 'running',
    outcome: null,
    attempts: [],
  },
  user: {},
};

const UPDATED_DICT = { train_loss: 0.2, valid_loss: 0.3, nbr_dinosaurs: 10 };
const BAD_FILTER = 'A parameter is not valid, such as a `time` that is no non-negative integer; the detail names it.';
const SEVERAL = 'More than one job matches; the detail says how many and on which clusters.';

export const JobsListAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'listJobs',
      summary: 'List the jobs',
      description:
        'All jobs, or those that pass every filter given: newest submission first (unknown last), then by cluster and job id. Archived ones, which ended long ago, are not among them.',
    }),
    ApiListAnswers({
      success: {
        description: 'The jobs.',
        headers: FRESHNESS_HEADERS,
        schema: { type: 'array', items: { anyOf: [JOB_SCHEMA, JOB_PART_SCHEMA] } },
        example: [BELUGA_JOB],
      },
      400: BAD_FILTER,
    }),
  );

export const JobsCountAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'countJobs',
      summary: 'Count the jobs',
      description: 'How many jobs `jobs/list` would give for the same filters, without reading them.',
    }),
    ApiAnswers({
      success: {
        description: 'The count.',
        headers: FRESHNESS_HEADERS,
        schema: {
          type: 'object',
          properties: { count: { type: 'integer', minimum: 0 } },
          required: ['count'],
          additionalProperties: false,
        },
        example: { count: 27 },
      },
      400: BAD_FILTER,
    }),
  );

export const JobOneAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'getJob',
      summary: 'Get one job',
      description:
        '`cluster_name` is needed where several clusters have this `job_id`. `{}` where there is no such job. Archived ones, which ended long ago, are found too.',
    }),
    ApiAnswers({
      success: {
        description: 'The job, or `{}`.',
        headers: FRESHNESS_HEADERS,
        schema: { oneOf: [JOB_SCHEMA, { type: 'object', maxProperties: 0 }] },
        example: MILA_JOB,
      },
      400: '`job_id` is missing, empty or given twice.',
      500: SEVERAL,
    }),
  );

const FORM_MEDIA_TYPE = 'application/x-www-form-urlencoded';
const EXAMPLE_TARGET = { job_id: '233874', cluster_name: 'mila' };
const JOB_ID = 'The job id as defined by Slurm, or `ARRAYID_TASKID`, or `HETID+OFFSET`.';
const CLUSTER_NAME = '"mila" or any other cluster\'s name; needed where several clusters have this `job_id`.';

/** Each argument may stand in the query string instead, so that none is required here. */
const UPDATE_JSON: JsonSchema = {
  type: 'object',
  properties: {
    job_id: { type: ['string', 'integer', 'null'], minLength: 1, minimum: 0, description: JOB_ID },
    cluster_name: { type: ['string', 'null'], minLength: 1, description: CLUSTER_NAME },
    update_pairs: {
      type: ['object', 'string', 'null'],
      additionalProperties: true,
      minLength: 2,
      description: 'What to merge into the dict, key by key, or a string that holds it as JSON.',
    },
  },
};

const UPDATE_FORM: JsonSchema = {
  type: 'object',
  properties: {
    job_id: { type: 'string', minLength: 1, description: JOB_ID },
    cluster_name: { type: 'string', minLength: 1, description: CLUSTER_NAME },
    update_pairs: { type: 'string', minLength: 2, description: 'What to merge into the dict, key by key, as JSON.' },
  },
};

export const UserDictUpdateAnswer = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'updateUserDict',
      summary: "Update a job's user dict",
      description:
        'Merges `update_pairs` into the dict that the owner has attached to the job, key by key, and gives the merged dict. Each argument may stand in the query string, in a JSON body or in a form body. Only the job’s owner may.',
      requestBody: {
        content: {
          [JSON_MEDIA_TYPE]: {
            schema: UPDATE_JSON as object,
            example: { ...EXAMPLE_TARGET, update_pairs: UPDATED_DICT },
          },
          [FORM_MEDIA_TYPE]: {
            schema: UPDATE_FORM as object,
            example: { ...EXAMPLE_TARGET, update_pairs: JSON.stringify(UPDATED_DICT) },
          },
        },
      },
    }),
    ApiQuery({
      name: 'job_id',
      required: false,
      schema: { type: 'string', minLength: 1 },
      description: JOB_ID,
    }),
    ApiQuery({
      name: 'cluster_name',
      required: false,
      schema: { type: 'string', minLength: 1 },
      description: CLUSTER_NAME,
    }),
    ApiQuery({
      name: 'update_pairs',
      required: false,
      schema: { type: 'string', minLength: 2 },
      description: 'A JSON object with the key-values to update.',
    }),
    ApiAnswers({
      success: {
        description: 'The merged dict.',
        schema: { type: 'object', additionalProperties: true },
        example: UPDATED_DICT,
      },
      400: '`job_id` or `update_pairs` is missing or not valid, or was given twice with different values.',
      403: "The job is not the caller's.",
      404: 'No job matches.',
      413: 'The body is larger than 8 MiB, or the merged dict would be larger than 1 MiB.',
      415: 'The body is neither JSON nor a form.',
      500: SEVERAL,
    }),
  );
