import type { SourceErrorKind } from './slurm-source.js';

const LONGEST = 600;

/** A JSON Web Token, wherever one may have been printed. */
const TOKEN = /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g;

/** The words by which Slurm's commands and slurmrestd tell what kept them from answering. */
const KINDS: readonly (readonly [RegExp, SourceErrorKind])[] = [
  [/accounting storage is disabled/i, 'no_accounting'],
  [/protocol authentication error|access\/permission denied|invalid user id|\bunauthorized\b/i, 'unauthorized'],
  [
    /unable to contact slurm|connection (?:refused|reset|timed out)|connect failure|problem talking to the database|socket timed out|zero bytes were transmitted|unable to connect to database|communication connection failure/i,
    'unreachable',
  ],
];

/** What a program said on its stderr, or a server in an answer, for a message: one line, no controls, no token, not long. */
export function complaint(text: string): string {
  const line = text
    .replaceAll(TOKEN, '[token]')
    // eslint-disable-next-line no-control-regex -- what came may hold anything, and the message goes to a terminal
    .replaceAll(/\x1b\[[0-9;]*[A-Za-z]|[\x00-\x09\x0b-\x1f\x7f]/g, ' ')
    .split('\n')
    .map((part) => part.trim().replaceAll(/ {2,}/g, ' '))
    .filter((part) => part !== '')
    .join('; ');
  // The last is what it ended with.
  return line.length <= LONGEST ? line : `… ${line.slice(-LONGEST)}`;
}

/** Of what kind such a complaint is; null where it is none of Slurm's known ones. */
export function complaintKind(text: string): SourceErrorKind | null {
  return KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}
