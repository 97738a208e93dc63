/** A backup or a restore that was not done; the message says why, and what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

/** Errors of the file system, in words that name the path. */
export function fileError(error: unknown): BackupError | null {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error && 'path' in error)) return null;
  return new BackupError(`${String(error.path)}: ${error.message}`);
}
