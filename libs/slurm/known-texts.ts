/**
 * What whoever takes the records knows of their texts: most of a cluster's jobs say the same in each reading, and need not be read
 * again. A text goes by its {@link RecordDigests digest}. Asked by the readers of the controller's JSON alone.
 */
export interface KnownTexts<T> {
  /** Whether a record of this text is known; if so it is counted, and neither read nor handed on. */
  isKnown(digest: string): boolean;
  /** Told of each other record that could be read, before that is handed on. */
  read(record: T, digest: string): void;
}
