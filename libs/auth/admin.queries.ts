import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { AUDIT_ACTIONS, type AuditAction } from '#libs/audit';
import { QueryParameter } from '#libs/common';

const MOST_ON_A_PAGE = 1_000;
/** How many entries of the audit log are told where nobody says how many. */
const DEFAULT_ENTRIES = 100;
const LIMIT_MESSAGE = `must be an integer from 1 to ${MOST_ON_A_PAGE}`;

const LimitParameter = (otherwise: number) =>
  applyDecorators(
    QueryParameter({
      description: `At most so many, 1 to ${MOST_ON_A_PAGE}; ${otherwise} where left out. While there is more, the header \`Link\` has the next page as \`rel="next"\`.`,
      schema: { pattern: '^0*([1-9][0-9]{0,2}|1000)$' },
    }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value,
    ),
    IsOptional(),
    IsInt({ message: LIMIT_MESSAGE }),
    Min(1, { message: LIMIT_MESSAGE }),
    Max(MOST_ON_A_PAGE, { message: LIMIT_MESSAGE }),
  );

export class UsersListQuery {
  @LimitParameter(MOST_ON_A_PAGE)
  limit = MOST_ON_A_PAGE;

  @QueryParameter({ description: 'The address of the last user of the page before.' })
  after?: string;
}

export class KeysListQuery {
  @QueryParameter({ description: "Keys of this user alone: the owner's e-mail address." })
  email?: string;

  @LimitParameter(MOST_ON_A_PAGE)
  limit = MOST_ON_A_PAGE;

  @QueryParameter({ description: 'The id of the last key of the page before.' })
  after?: string;
}

export class AuditQuery {
  @QueryParameter({
    description: 'Entries since then alone: so long ago, such as `7d` (s, m, h, d, w), or ISO 8601 with its offset.',
  })
  since?: string;

  @QueryParameter({ description: 'Of this person alone: an e-mail address, or the user that a command ran as.' })
  who?: string;

  @QueryParameter({ description: 'Of this kind alone.', schema: { enum: [...AUDIT_ACTIONS] } })
  @IsOptional()
  @IsIn(AUDIT_ACTIONS, { message: `must be one of ${AUDIT_ACTIONS.join(', ')}` })
  what?: AuditAction;

  @LimitParameter(DEFAULT_ENTRIES)
  limit = DEFAULT_ENTRIES;

  @QueryParameter({ description: 'Where the page before ended: from its `next` link, for the same filters.' })
  before?: string;
}
