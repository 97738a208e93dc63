export { MongodUnavailableError } from './binary/mongod-unavailable.error.js';
export { acquireEmbeddedDatabase, type EmbeddedDatabaseLease, type EmbeddedDatabaseOptions } from './lease.js';
