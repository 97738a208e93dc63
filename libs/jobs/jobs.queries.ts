import { Transform } from 'class-transformer';
import { IsDefined, IsIn, IsNumber, IsOptional, Matches } from 'class-validator';
import { QueryParameter } from '#libs/common';
import { AfterParameter, PageLimitParameter, type PageParameters } from '#libs/lists';
import { JOB_OUTCOMES, JOB_PHASES, JOB_STATES } from '#libs/slurm';

const SEVERAL = 'Several, comma-separated: any of them.';

/**
 * `+5`, `1e3`, `1.5` and the like are no integers here, though JavaScript reads them as such. One of hundreds of digits
 * is an integer, and Infinity stands for it.
 */
function seconds(value: unknown): unknown {
  return typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value;
}

const upperCase = Transform(({ value }) => (value as string[] | undefined)?.map((item) => item.toUpperCase()));
const lowerCase = Transform(({ value }) => (value as string[] | undefined)?.map((item) => item.toLowerCase()));

/** Which clusters a request is about; left out: all. */
export interface ClusterChoice {
  cluster_name?: string[];
}

class ClusterQuery implements ClusterChoice {
  @QueryParameter({
    list: true,
    description: `"mila" or any other cluster's name. ${SEVERAL}`,
  })
  cluster_name?: string[];
}

export class JobsFilterQuery extends ClusterQuery {
  @QueryParameter({
    list: true,
    description: `Jobs of whoever has this as any of the 3 kinds of usernames, such as \`ccuser01\`. ${SEVERAL}`,
  })
  user?: string[];

  @QueryParameter({ list: true, aliasOf: 'user', description: 'Another name for `user`.' })
  username?: string[];

  @QueryParameter({
    description: 'Leaves out jobs that finished more than this many seconds ago, such as `86400`.',
    schema: { pattern: '^[0-9]+$' },
  })
  @Transform(({ value }) => seconds(value))
  @IsOptional()
  @IsNumber({ allowInfinity: true }, { message: 'must be a non-negative integer number of seconds, such as 86400' })
  time?: number;

  @QueryParameter({ aliasOf: 'time', description: 'Another name for `time`.', schema: { pattern: '^[0-9]+$' } })
  relative_time?: number;

  @QueryParameter({
    list: true,
    description: `Slurm's name of a state, in any case, such as \`RUNNING,PENDING\`. ${SEVERAL}`,
  })
  @upperCase
  @IsOptional()
  @IsIn(JOB_STATES, { each: true, message: 'takes names of Slurm states, such as RUNNING or OUT_OF_MEMORY' })
  job_state?: string[];

  @QueryParameter({
    list: true,
    description: `What the state comes to: ${JOB_PHASES.join(', ')}. ${SEVERAL}`,
  })
  @lowerCase
  @IsOptional()
  @IsIn(JOB_PHASES, { each: true, message: `takes ${JOB_PHASES.join(', ')}` })
  phase?: string[];

  @QueryParameter({
    list: true,
    description: `How a finished job ended: ${JOB_OUTCOMES.join(', ')}. ${SEVERAL}`,
  })
  @lowerCase
  @IsOptional()
  @IsIn(JOB_OUTCOMES, { each: true, message: `takes ${JOB_OUTCOMES.join(', ')}` })
  outcome?: string[];

  @QueryParameter({ list: true, description: `A partition. ${SEVERAL}` })
  partition?: string[];

  @QueryParameter({ list: true, description: `A Slurm account. ${SEVERAL}` })
  account?: string[];

  @QueryParameter({
    description: 'The tasks of this job array, by the `array_job_id` that they share.',
  })
  array_job_id?: string;
}

export class JobsListQuery extends JobsFilterQuery implements PageParameters {
  @PageLimitParameter()
  limit?: number;

  @AfterParameter()
  after?: string;

  @QueryParameter({
    list: true,
    description:
      'What to send of each job, comma-separated: `slurm`, `cw`, `user`, or single fields such as `slurm.job_id`, `cw.phase`, `user.loss`. What is not there, or not asked for, is left out.',
  })
  @IsOptional()
  @Matches(/^(slurm|cw|user)(\.|$)/, {
    each: true,
    message: 'takes slurm, cw and user, and their fields, such as slurm.job_id or user.loss',
  })
  fields?: string[];
}

export class JobOneQuery extends ClusterQuery {
  @QueryParameter({
    required: true,
    description:
      'The job id as defined by Slurm; an array task may be asked for as `ARRAYID_TASKID`, a heterogeneous component as `HETID+OFFSET`.',
    example: '233874',
  })
  @IsDefined({ message: 'is needed: the job id as defined by Slurm, such as job_id=233874' })
  job_id!: string;
}
