import { IsIn, IsOptional } from 'class-validator';
import { AUDIT_ACTIONS, type AuditAction } from '#libs/audit';
import { LimitParameter, QueryParameter } from '#libs/common';

const MOST_ON_A_PAGE = 1_000;
/** How many entries of the audit log are told where nobody says how many. */
const DEFAULT_ENTRIES = 100;

const AdminLimitParameter = (otherwise: number) => LimitParameter(MOST_ON_A_PAGE, `; ${otherwise} where left out`);

export class UsersListQuery {
  @AdminLimitParameter(MOST_ON_A_PAGE)
  limit = MOST_ON_A_PAGE;

  @QueryParameter({ description: 'The address of the last user of the page before.' })
  after?: string;
}

export class KeysListQuery {
  @QueryParameter({ description: "Keys of this user alone: the owner's e-mail address." })
  email?: string;

  @AdminLimitParameter(MOST_ON_A_PAGE)
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

  @AdminLimitParameter(DEFAULT_ENTRIES)
  limit = DEFAULT_ENTRIES;

  @QueryParameter({ description: 'Where the page before ended: from its `next` link, for the same filters.' })
  before?: string;
}
