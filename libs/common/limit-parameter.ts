import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { QueryParameter } from './query-parameters.js';

/**
 * The property `limit`: how much is on a page.
 * @param most a power of ten
 * @param ofPage the rest of the sentence "At most so many, 1 to …"
 */
export function LimitParameter(most: number, ofPage: string): PropertyDecorator {
  const message = `must be an integer from 1 to ${most}`;
  return applyDecorators(
    QueryParameter({
      description: `At most so many, 1 to ${most}${ofPage}. While there is more, the header \`Link\` has the next page as \`rel="next"\`.`,
      // 1 to most, with any zeros in front.
      schema: { pattern: `^0*([1-9][0-9]{0,${String(most).length - 2}}|${most})$` },
    }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value,
    ),
    IsOptional(),
    IsInt({ message }),
    Min(1, { message }),
    Max(most, { message }),
  );
}
