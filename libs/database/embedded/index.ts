export interface EmbeddedDatabaseOptions {
  dataDir: string;
  mongodPath: string | undefined;
  report: (message: string) => void;
}
export interface EmbeddedDatabaseLease {
  uri: string;
  release(): Promise<void>;
}
export function acquireEmbeddedDatabase(_o: EmbeddedDatabaseOptions): Promise<EmbeddedDatabaseLease> {
  return Promise.reject(new Error('pending'));
}
export class MongodUnavailableError extends Error {}
