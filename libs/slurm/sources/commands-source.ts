import { randomBytes } from 'node:crypto';

import { accountingColumns } from '../accounting-columns.js';
import type { DocumentReader } from '../document-reader.js';
import type { JobRecord } from '../job-record.js';
import type { KnownTexts } from '../known-texts.js';
import type { NodeRecord } from '../node-record.js';
import { jobReader, nodeReader, type TextConventions } from '../readers.js';
import type { CommandTransport } from './command-transport.js';
import { complaint, complaintKind } from './complaint.js';
import type { ProcessEnd } from './process-run.js';
import { RecordIntake } from './record-intake.js';
import {
  accountingArguments,
  COLUMNS_COMMAND,
  type Format,
  JSON_ENVIRONMENT,
  jsonCommand,
  MOST_JOB_IDS,
  type Question,
  saysNoJson,
  textCommand,
  textWords,
  VERSION_COMMAND,
} from './slurm-commands.js';
import {
  type AccountingQuestion,
  type SlurmSource,
  SourceError,
  type SourceReading,
  type Take,
} from './slurm-source.js';
import { type SlurmVersion, slurmVersion } from './slurm-version.js';
import type { SourceLimits } from './source-configuration.js';
import { unreadable } from './unreadable.js';

/** What was found out is found out anew after this: Slurm may have been updated. */
const KNOWN_FOR_MS = 3_600_000;

const SMALL_OUTPUT_BYTES = 65_536;

/** How a shell, `env` and `timeout` end when there is no such program, or none that may be run. */
const NO_PROGRAM = new Set([126, 127]);

/** `timeout` over there. */
const TIMED_OUT = 124;

type ReaderOf<T> = (format: Format, conventions: TextConventions) => DocumentReader<T>;

/** What a site's Slurm is. Asked of the commands alone; that costs its daemons nothing. */
interface Detected {
  at: number;
  version: SlurmVersion;
  /** Questions that have shown that JSON cannot be had for them. */
  textOnly: Set<Question>;
  /** Those of `sacct -P` that are asked for; null until they are needed. */
  columns: string | null;
}

/** This site's Slurm was built without it, or its plugin is not installed. */
class NoJson extends Error {}

/** Slurm's commands, here or somewhere else. */
export class CommandsSource implements SlurmSource {
  readonly description: string;
  readonly #transport: CommandTransport;
  readonly #limits: SourceLimits;
  readonly #zone: { timeZone: string };
  #detected: Detected | null = null;

  constructor(transport: CommandTransport, limits: SourceLimits, zone: { timeZone: string }) {
    this.#transport = transport;
    this.#limits = limits;
    this.#zone = zone;
    this.description = `Slurm's commands ${transport.place}`;
  }

  jobs(take: Take<JobRecord>, signal: AbortSignal, known?: KnownTexts<JobRecord>): Promise<SourceReading> {
    return this.#ask(
      'jobs',
      [],
      (format, conventions) => jobReader(`controller-${format}`, conventions, known),
      take,
      signal,
    );
  }

  nodes(take: Take<NodeRecord>, signal: AbortSignal): Promise<SourceReading> {
    return this.#ask('nodes', [], (format, conventions) => nodeReader(`node-${format}`, conventions), take, signal);
  }

  accounting(question: AccountingQuestion, take: Take<JobRecord>, signal: AbortSignal): Promise<SourceReading> {
    if ('jobIds' in question && (question.jobIds.length === 0 || question.jobIds.length > MOST_JOB_IDS)) {
      return Promise.reject(new RangeError(`accounting is asked for 1 to ${MOST_JOB_IDS} jobs at a time`));
    }
    const reader: ReaderOf<JobRecord> = (format, conventions) => jobReader(`accounting-${format}`, conventions);
    return this.#ask('accounting', accountingArguments(question), reader, take, signal);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #ask<T>(
    question: Question,
    args: readonly string[],
    readerOf: ReaderOf<T>,
    take: Take<T>,
    signal: AbortSignal,
  ): Promise<SourceReading> {
    const detected = await this.#detect(signal);
    try {
      const json = detected.textOnly.has(question) ? null : jsonCommand(detected.version, question);
      if (json !== null) {
        try {
          return await this.#read([...json, ...args], JSON_ENVIRONMENT, readerOf('json', this.#zone), take, signal);
        } catch (error) {
          if (!(error instanceof NoJson)) throw error;
          detected.textOnly.add(question);
        }
      }
      const columns =
        question === 'accounting'
          ? [`--format=${await this.#columns(detected, signal)}`, `--delimiter=${unguessableDelimiter()}`]
          : [];
      const timeSuffix = unguessable();
      const words = textWords(timeSuffix, [...textCommand(question), ...columns, ...args]);
      const reading = await this.#read(words, {}, readerOf('text', { ...this.#zone, timeSuffix }), take, signal);
      return { ...reading, slurmVersion: reading.slurmVersion ?? detected.version.text };
    } catch (error) {
      // Another version, another machine behind the name: what was found out may hold no more.
      if (error instanceof SourceError && (error.kind === 'failed' || error.kind === 'unreadable'))
        this.#detected = null;
      throw error;
    }
  }

  async #read<T>(
    words: readonly string[],
    environment: Readonly<Record<string, string>>,
    reader: DocumentReader<T>,
    take: Take<T>,
    signal: AbortSignal,
  ): Promise<SourceReading> {
    const intake = new RecordIntake(reader, take);
    const observedAt = Date.now();
    const end = await this.#transport.run({
      words,
      environment,
      limits: this.#limits,
      signal,
      consume: (chunk) => intake.add(chunk),
    });
    const failed = end.cause === 'itself' ? end.code !== 0 : end.cause === 'consumer';
    if (failed && !intake.begun && words.includes('--json') && saysNoJson(end.stderr)) throw new NoJson();
    this.#throwFailure(words, end);
    try {
      const summary = await intake.end();
      return { ...summary, observedAt, milliseconds: end.milliseconds, bytes: end.bytes };
    } catch (error) {
      throw unreadable(error, this.#named(words), intake.errors(), complaint(end.stderr));
    }
  }

  /** At most three small commands, once an hour. */
  async #detect(signal: AbortSignal): Promise<Detected> {
    if (this.#detected !== null && performance.now() - this.#detected.at < KNOWN_FOR_MS) return this.#detected;
    const printed = await this.#print(VERSION_COMMAND, signal);
    const version = slurmVersion(printed);
    if (version === null) {
      const message = `${this.#named(VERSION_COMMAND)} printed no version of Slurm but: ${complaint(printed) || 'nothing'}. Is it Slurm's squeue?`;
      throw new SourceError('failed', message);
    }
    this.#detected = { at: performance.now(), version, textOnly: new Set(), columns: null };
    return this.#detected;
  }

  async #columns(detected: Detected, signal: AbortSignal): Promise<string> {
    detected.columns ??= accountingColumns((await this.#print(COLUMNS_COMMAND, signal)).split(/\s+/)).join(',');
    return detected.columns;
  }

  async #print(words: readonly string[], signal: AbortSignal): Promise<string> {
    const chunks: Uint8Array[] = [];
    const limits = { ...this.#limits, outputLimitBytes: SMALL_OUTPUT_BYTES };
    const consume = (chunk: Uint8Array): void => void chunks.push(chunk);
    const end = await this.#transport.run({ words, environment: {}, limits, signal, consume });
    this.#throwFailure(words, end, limits);
    return Buffer.concat(chunks).toString('utf8');
  }

  #throwFailure(words: readonly string[], end: ProcessEnd, limits = this.#limits): void {
    const failure = this.#failure(words, end, limits);
    // What whoever takes the records threw is theirs, and may be anything.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    if (failure !== null) throw failure;
  }

  #failure(words: readonly string[], end: ProcessEnd, limits: SourceLimits): unknown {
    const command = this.#named(words);
    switch (end.cause) {
      case 'aborted':
        return end.error;
      case 'consumer':
        return unreadable(end.error, command, null, complaint(end.stderr));
      case 'start':
        return new SourceError('failed', `${command} cannot be run: ${startFailure(end.error)}`, { cause: end.error });
      case 'time limit':
        return timedOut(command, end, limits);
      case 'output limit': {
        const message =
          `${command} printed more than ${limits.outputLimitBytes} bytes and was ended. ` +
          'If the cluster is so large, raise the output limit of its source.';
        return new SourceError('too_large', message);
      }
      case 'itself':
        if (end.code === 0) return null;
        return this.#transport.failure(end) ?? exitFailure(command, end, limits);
    }
  }

  #named(words: readonly string[]): string {
    // A list of 500 ids is no help to anybody.
    const line = words.map((word) => (word.length > 60 ? `${word.slice(0, 57)}…` : word)).join(' ');
    return `\`${line}\` ${this.#transport.place}`;
  }
}

/** 22.05's sacct cuts a time after 19 bytes, of which ten are the seconds. */
function unguessable(): string {
  return `x${randomBytes(4).toString('hex')}`;
}

/** What nobody can have written into a name or comment to forge a row: between columns, where the reader finds it in the header. */
function unguessableDelimiter(): string {
  const marks = '!#%+;<=>?@^~';
  return `|${Array.from(randomBytes(8), (byte) => marks[byte % marks.length] ?? '').join('')}|`;
}

function exitFailure(command: string, end: ProcessEnd, limits: SourceLimits): SourceError {
  const said = complaint(end.stderr);
  if (end.code === TIMED_OUT) return timedOut(command, end, limits);
  if (end.code !== null && NO_PROGRAM.has(end.code)) {
    const message =
      `${command} cannot be run: ${said || `status ${end.code}`}. Install Slurm's commands there, or put them on the PATH that ` +
      'programs get which nobody logged in for: `env PATH=…` as the prefix of the commands does that.';
    return new SourceError('failed', message);
  }
  const how = end.signal === null ? `status ${String(end.code)}` : `signal ${end.signal}`;
  const kind = complaintKind(end.stderr) ?? 'failed';
  return new SourceError(kind, `${command} ended with ${how}: ${said || 'it said nothing'}.${advice(kind)}`);
}

function advice(kind: SourceError['kind']): string {
  switch (kind) {
    case 'no_accounting':
      return ' This cluster keeps no accounting: how a job ended is known only while slurmctld remembers it.';
    case 'unreachable':
      return ' Slurm is down, or not where SLURM_CONF says.';
    case 'unauthorized':
      return ' Let the account that runs the commands see all jobs (PrivateData in slurm.conf), or run them as another.';
    default:
      return '';
  }
}

function timedOut(command: string, end: ProcessEnd, limits: SourceLimits): SourceError {
  const said = complaint(end.stderr);
  const message =
    `${command} had not ended after ${limits.timeLimitMs / 1_000} s, and was ended.${said === '' ? '' : ` It said: ${said}.`} ` +
    'Slurm hangs or is busy; if it is always so slow, raise the time limit of the source.';
  return new SourceError('timeout', message);
}

function startFailure(error: unknown): string {
  const { code, path, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT')
    return `there is no program ${path ?? ''}. Install it, or put its directory on Clockwork's PATH.`;
  if (code === 'EACCES') return `${path ?? 'the program'} may not be run by the account that Clockwork runs as.`;
  return message;
}
