/** Whether an error is the operating system's one of these names (ENOENT, ECONNREFUSED …). */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
