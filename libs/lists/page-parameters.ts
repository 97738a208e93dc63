import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { QueryParameter } from '#libs/common';

export const MOST_ON_A_PAGE = 10_000;
/** Where `after` is given without `limit`. */
export const DEFAULT_PAGE = 1_000;

const LIMIT_MESSAGE = `must be an integer from 1 to ${MOST_ON_A_PAGE}`;

/** What a route with pages takes. */
export interface PageParameters {
  limit?: number;
  after?: string;
}

/** The property that is a page's size. */
export const LimitParameter = () =>
  applyDecorators(
    QueryParameter({
      description: `At most so many, 1 to ${MOST_ON_A_PAGE}: a page. While there is more, the header \`Link\` has the next page as \`rel="next"\`.`,
      // 1 to MOST_ON_A_PAGE, with any zeros in front.
      schema: { pattern: '^0*([1-9][0-9]{0,3}|10000)$' },
    }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value,
    ),
    IsOptional(),
    IsInt({ message: LIMIT_MESSAGE }),
    Min(1, { message: LIMIT_MESSAGE }),
    Max(MOST_ON_A_PAGE, { message: LIMIT_MESSAGE }),
  );

/** The property that says where a page begins. */
export const AfterParameter = () =>
  QueryParameter({
    description: `Where the page before ended: from its \`next\` link, for the same filters. Without \`limit\`, ${DEFAULT_PAGE} a page.`,
  });
