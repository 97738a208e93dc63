import type { Document, Filter } from 'mongodb';

/** What a list is ordered by: paths of its documents, 1 ascending or -1 descending. Only a descending one may be null. */
export type ListOrder = Readonly<Record<string, 1 | -1>>;

/** The values that a document has at the paths of an order. */
export type Position = readonly unknown[];

export function positionOf(order: ListOrder, document: Document): Position {
  return Object.keys(order).map((path) => valueAt(document, path));
}

/** The fields of an order's paths: what a position is read from, all of it in the index. */
export function keyProjection(order: ListOrder): Document {
  return { _id: 0, ...Object.fromEntries(Object.keys(order).map((path) => [path, 1])) };
}

/**
 * The documents that come after a position: equal in the first so many keys and behind in the next. Each branch is a
 * range of the order's index. As MongoDB sorts, null is the least: last where the order is descending.
 */
export function behind(order: ListOrder, position: Position): Filter<Document> {
  const branches: Filter<Document>[] = [];
  const equal: Filter<Document> = {};
  Object.entries(order).forEach(([path, direction], index) => {
    const value = position[index] ?? null;
    if (direction === 1) branches.push({ ...equal, [path]: { $gt: value } });
    else if (value !== null) branches.push({ ...equal, [path]: { $lt: value } }, { ...equal, [path]: null });
    equal[path] = value;
  });
  return { $or: branches };
}

function valueAt(document: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? (value as Document)[key] : undefined),
      document,
    );
}
