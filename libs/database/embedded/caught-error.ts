/*
 * By their form and not with instanceof: Node's own errors are of another realm's Error class in a vm context, such as a
 * test's.
 */

/** Whether what was caught is the operating system's error of one of these names (ENOENT, ECONNREFUSED …). */
export function hasCode(caught: unknown, ...codes: string[]): boolean {
  return hasField(caught, 'code') && codes.includes(String(caught.code));
}

/** What it says, on one line. */
export function messageOf(caught: unknown): string {
  return (hasField(caught, 'message') ? String(caught.message) : String(caught)).trim().replace(/\s+/g, ' ');
}

/** The last thing that a failed child process said; its error's message repeats the whole command. */
export function lastWords(caught: unknown): string {
  const said = hasField(caught, 'stderr') ? String(caught.stderr).trim() : '';
  return said === '' ? messageOf(caught) : (said.split('\n').at(-1) ?? said);
}

export function hasField<Name extends string>(value: unknown, name: Name): value is Record<Name, unknown> {
  return typeof value === 'object' && value !== null && name in value;
}
