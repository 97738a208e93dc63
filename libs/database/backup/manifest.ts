import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BSON, type Document } from 'mongodb';
import { BackupError } from './backup-error.js';

export const MANIFEST = 'manifest.json';
const FORMAT = 1;

/** One collection of a backup: its documents as they are stored, one after another, compressed. */
export interface BackedUpCollection {
  name: string;
  file: string;
  /** What it was made with, and its indexes, as the server lists them. */
  options: Document;
  indexes: Document[];
  documents: number;
  /** Of the documents, before they were compressed. */
  bytes: number;
  /** Of the file, in hexadecimal. */
  sha256: string;
}

export interface Manifest {
  format: typeof FORMAT;
  /** The version of Clockwork, the schema that it stored by, and the server's version. */
  program: string;
  schema: number;
  server: string;
  taken: Date;
  /** Whether all of it is of one instant. */
  consistent: boolean;
  collections: BackedUpCollection[];
}

/** Extended JSON, since what an index is made of is ordered and typed. */
export function manifestText(manifest: Omit<Manifest, 'format'>): string {
  return `${BSON.EJSON.stringify({ format: FORMAT, ...manifest }, undefined, 2, { relaxed: true })}\n`;
}

/** @throws BackupError where the directory holds no backup that this program can read */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, MANIFEST);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new BackupError(`${directory} holds no backup: ${(error as Error).message}`);
  }
  let manifest: unknown;
  try {
    manifest = BSON.EJSON.parse(text, { relaxed: true });
  } catch (error) {
    throw new BackupError(`${path} is damaged: ${(error as Error).message}`);
  }
  if (!isManifest(manifest)) {
    throw new BackupError(
      `${path} is damaged, or of a later version of Clockwork: it is no manifest of format ${FORMAT}`,
    );
  }
  return manifest;
}

function isManifest(value: unknown): value is Manifest {
  if (!isObject(value)) return false;
  const { format, program, schema, server, taken, consistent, collections } = value;
  return (
    format === FORMAT &&
    typeof program === 'string' &&
    typeof schema === 'number' &&
    typeof server === 'string' &&
    taken instanceof Date &&
    typeof consistent === 'boolean' &&
    Array.isArray(collections) &&
    collections.every(isBackedUpCollection)
  );
}

function isBackedUpCollection(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { name, file, options, indexes, documents, bytes, sha256 } = value;
  return (
    typeof name === 'string' &&
    // No other file of the machine is ever read.
    file === fileOf(name) &&
    isObject(options) &&
    Array.isArray(indexes) &&
    indexes.every(isObject) &&
    typeof documents === 'number' &&
    typeof bytes === 'number' &&
    typeof sha256 === 'string'
  );
}

/** A collection's name may hold anything but NUL and `$`. */
export function fileOf(collection: string): string {
  return `${encodeURIComponent(collection)}.bson.zst`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
