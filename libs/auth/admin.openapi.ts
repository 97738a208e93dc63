import type { Answers, HeaderDocumentation } from '#libs/common';

export const ADMIN_ONLY = { 403: "The key is not an administrator's." } satisfies Partial<Answers>;

export const BODY_ERRORS = {
  400: 'A field is not valid, is given twice or is not one of this route; or the path cannot be decoded.',
  413: 'The body is larger than 64 KiB.',
  415: 'The body is not application/json.',
} satisfies Partial<Answers>;

export const NEXT_LINK: HeaderDocumentation = {
  Link: {
    description: 'The next page, as `<path>; rel="next"`, while there is more.',
    schema: { type: 'string' },
  },
};
