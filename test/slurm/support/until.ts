import { eventually } from '../../support/eventually.js';

/** A few readings, on a machine that does more than this. */
const PATIENCE_MS = 40_000;

/** Repeats a check until it holds. @param what is waited for, for whoever reads the failure */
export async function until<T>(what: string, check: () => Promise<T>, withinMs = PATIENCE_MS): Promise<T> {
  try {
    return await eventually(check, withinMs);
  } catch (error) {
    const last = error instanceof Error ? error.message : String(error);
    throw new Error(`waited ${withinMs / 1_000} s for ${what}; the last time:\n${last}`, { cause: error });
  }
}
