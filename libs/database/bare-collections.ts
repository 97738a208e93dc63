/** Collections that no schema describes, and the leases of clusters. */
export const VERSIONS = 'versions';
export const COUNTERS = 'counters';
export const MIGRATIONS = 'migrations';
/** Who changes the database as a whole, and what of that has to be finished. */
export const MAINTENANCE = 'maintenance';
export const LEASES = 'leases';

/**
 * Those that are read from snapshots: they have to be there before, since the server refuses to read a collection from a
 * snapshot that is older than the collection.
 */
export const READ_FROM_SNAPSHOTS = [VERSIONS, COUNTERS];

/** The server's code for a collection that is there already (error_codes.yml of the MongoDB server). */
export const NAMESPACE_EXISTS = 48;
/** And for one that is not there. */
export const NAMESPACE_NOT_FOUND = 26;
