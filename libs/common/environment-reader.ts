import { existsSync } from 'node:fs';
import { durationMs } from './duration.js';

/** Reads variables one by one and gathers what is wrong with them, so that all mistakes are told at once. */
export class EnvironmentReader {
  readonly problems: string[] = [];

  constructor(private readonly environment: NodeJS.ProcessEnv) {}

  /** An empty variable counts as not set, as in a `.env` with nothing behind the `=`. */
  text(name: string): string | undefined {
    const value = this.environment[name]?.trim();
    return value === '' ? undefined : value;
  }

  oneOf<T extends string>(name: string, choices: readonly T[], otherwise: T): T {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) this.refuse(name, value, `one of ${choices.join(', ')}`);
    return choice ?? otherwise;
  }

  /** @param what what the number says, such as "a port number from 0 to 65535" */
  integer(name: string, range: { from: number; to: number }, otherwise: number, what?: string): number {
    const value = this.text(name);
    if (value === undefined) return otherwise;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= range.from && number <= range.to) return number;
    this.refuse(name, value, what ?? `a whole number from ${range.from} to ${range.to}`);
    return otherwise;
  }

  /** A duration such as `30s`. @returns milliseconds */
  duration(name: string, range: { from: string; to: string }, otherwise: string): number {
    const value = this.text(name);
    const ms = (text: string): number => durationMs(text) ?? Number.NaN;
    if (value === undefined) return ms(otherwise);
    if (ms(value) >= ms(range.from) && ms(value) <= ms(range.to)) return ms(value);
    this.refuse(
      name,
      value,
      `a number and a unit (s, m, h, d, w) from ${range.from} to ${range.to}, such as ${otherwise}`,
    );
    return ms(otherwise);
  }

  /** @param what what the file is, such as "a mongod binary" */
  existingFile(name: string, what: string): string | undefined {
    const path = this.text(name);
    if (path !== undefined && !existsSync(path)) this.refuse(name, path, `the path of ${what}, and there is none`);
    return path;
  }

  refuse(name: string, value: string, takes: string): void {
    this.problems.push(`${name} is ${JSON.stringify(value)}; it takes ${takes}.`);
  }
}
