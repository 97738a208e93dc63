import type { Document } from 'mongodb';

/**
 * An update that puts a document in the place of the one found. Unlike a replacement, the server counts it as no change
 * where the two are equal, and unlike `$set` with a path it may be an upsert whatever the filter names.
 */
export function replacementPipeline(document: Document): Document[] {
  return [{ $replaceWith: { $mergeObjects: [{ _id: '$_id' }, { $literal: document }] } }];
}
