export { MongodUnavailableError } from './binary/mongod-unavailable.error.js';
export { EmbeddedDatabaseError } from './embedded-database.error.js';
export { acquireEmbeddedDatabase, type EmbeddedDatabaseLease, type EmbeddedDatabaseOptions } from './lease.js';
