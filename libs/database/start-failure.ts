import { DatabaseUnreachableError } from './connection.js';
import { MaintenanceBusyError } from './maintenance/maintenance-lease.js';
import { SchemaTooNewError } from './migrations/migrations.js';
import { EmbeddedDatabaseError, MongodUnavailableError } from './embedded/index.js';

/** Whether this is why the database cannot be had at the start, in words for whoever started it: no stack is needed. */
export function isStartFailure(error: unknown): error is Error {
  return (
    error instanceof DatabaseUnreachableError ||
    error instanceof EmbeddedDatabaseError ||
    error instanceof MongodUnavailableError ||
    error instanceof MaintenanceBusyError ||
    error instanceof SchemaTooNewError
  );
}
