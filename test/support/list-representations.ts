import { CODINGS } from './content-codings.js';

export const NDJSON = 'application/x-ndjson';

/** What a list may be asked to come as, by the headers that ask for it. */
export type Representation = Record<string, string>;

const CODED: Representation[] = [{}, ...CODINGS.map((coding) => ({ 'Accept-Encoding': coding }))];

/** One JSON array, in each content coding. */
export const AS_JSON: readonly Representation[] = CODED;

/** One object a line, in each content coding. */
export const AS_NDJSON: readonly Representation[] = CODED.map((coded) => ({ ...coded, Accept: NDJSON }));

/** The lists, each with all the forms that it comes in. */
export const LISTS: readonly [path: string, representations: readonly Representation[]][] = [
  ['/jobs/list', [...AS_JSON, ...AS_NDJSON]],
  ['/nodes/list', [...AS_JSON, ...AS_NDJSON]],
  ['/gpu/list', AS_JSON],
];
