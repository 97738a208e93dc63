import { LimitParameter, QueryParameter } from '#libs/common';

export const MOST_ON_A_PAGE = 10_000;
/** Where `after` is given without `limit`. */
export const DEFAULT_PAGE = 1_000;

/** What a route with pages takes. */
export interface PageParameters {
  limit?: number;
  after?: string;
}

/** The property that is a page's size. */
export const PageLimitParameter = () => LimitParameter(MOST_ON_A_PAGE, ': a page');

/** The property that says where a page begins. */
export const AfterParameter = () =>
  QueryParameter({
    description: `Where the page before ended: from its \`next\` link, for the same filters. Without \`limit\`, ${DEFAULT_PAGE} a page.`,
  });
