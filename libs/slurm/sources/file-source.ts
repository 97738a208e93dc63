import { createHash } from 'node:crypto';

import type { DocumentReader } from '../document-reader.js';
import type { JobRecord } from '../job-record.js';
import type { KnownTexts } from '../known-texts.js';
import type { NodeRecord } from '../node-record.js';
import { jobReader, nodeReader } from '../readers.js';
import { AnswerClock } from './answer-clock.js';
import { changed, newestFile, openVerified, type SetFileKind } from './reading-set.js';
import { RecordIntake } from './record-intake.js';
import type { Format } from './slurm-commands.js';
import {
  type AccountingQuestion,
  type SlurmSource,
  SourceError,
  type SourceReading,
  type Take,
} from './slurm-source.js';
import type { FileSource as FileConfiguration, SourceLimits } from './source-configuration.js';
import { unreadable } from './unreadable.js';

/**
 * A directory that somebody else fills, such as a cron job of a closed cluster, or rsync. Every reading is a directory named for
 * the epoch seconds at which Slurm was asked, and counts once the file `complete` is in it, which holds the SHA-256 of the others:
 *
 *     #!/bin/sh -eu
 *     cd /srv/clockwork/mila; now=$(date +%s); mkdir "$now"; cd "$now"
 *     squeue --json --all --states=all >jobs.json; scontrol show node --json --all >nodes.json
 *     sacct --json --allusers --duplicates --allocations --starttime=now-2days --endtime=now >sacct.json
 *     sha256sum jobs.json nodes.json sacct.json >.complete; mv .complete complete
 *     find .. -mindepth 1 -maxdepth 1 -type d -mmin +60 -exec rm -r {} +
 *
 * `sacct.json` may be left out, or be in some of the sets alone. Instead of JSON there may be text, told by what is in the file:
 * `scontrol show job`, `scontrol show node`, `sacct -P` with a header line.
 */
export class FileSource implements SlurmSource {
  readonly description: string;
  readonly #directory: string;
  readonly #limits: SourceLimits;
  readonly #zone: { timeZone: string };

  constructor({ directory }: FileConfiguration, limits: SourceLimits, zone: { timeZone: string }) {
    this.#directory = directory;
    this.#limits = limits;
    this.#zone = zone;
    this.description = `files in ${directory}`;
  }

  jobs(take: Take<JobRecord>, signal: AbortSignal, known?: KnownTexts<JobRecord>): Promise<SourceReading> {
    return this.#read('jobs', (format) => jobReader(`controller-${format}`, this.#zone, known), take, signal);
  }

  nodes(take: Take<NodeRecord>, signal: AbortSignal): Promise<SourceReading> {
    return this.#read('nodes', (format) => nodeReader(`node-${format}`, this.#zone), take, signal);
  }

  async accounting(question: AccountingQuestion, take: Take<JobRecord>, signal: AbortSignal): Promise<SourceReading> {
    const asked = isAsked(question);
    const reader = (format: Format) => jobReader(`accounting-${format}`, this.#zone);
    let records = 0;
    const takeAsked = (batch: readonly JobRecord[]): void | Promise<void> => {
      const found = batch.filter(asked);
      records += found.length;
      if (found.length > 0) return take(found);
    };
    const reading = await this.#read('sacct', reader, takeAsked, signal);
    return { ...reading, records };
  }

  async close(): Promise<void> {
    // Nothing is kept open.
  }

  async #read<T>(
    kind: SetFileKind,
    reader: (format: Format) => DocumentReader<T>,
    take: Take<T>,
    signal: AbortSignal,
  ): Promise<SourceReading> {
    const tooLong = new AbortController();
    const clock = new AnswerClock(this.#limits.timeLimitMs, () => {
      tooLong.abort();
    });
    try {
      return await this.#readNewest(kind, reader, take, AbortSignal.any([signal, tooLong.signal]), clock);
    } catch (error) {
      signal.throwIfAborted();
      if (tooLong.signal.aborted) {
        const message = `${this.description} could not be read within ${this.#limits.timeLimitMs / 1_000} s. Does its disk answer?`;
        throw new SourceError('timeout', message, { cause: error });
      }
      throw error;
    } finally {
      clock.stop();
    }
  }

  async #readNewest<T>(
    kind: SetFileKind,
    readerOf: (format: Format) => DocumentReader<T>,
    take: Take<T>,
    signal: AbortSignal,
    clock: AnswerClock,
  ): Promise<SourceReading> {
    const { path, sha256, observedAt, file } = await this.#open(kind, signal);
    let intake: RecordIntake<T> | null = null;
    try {
      let bytes = 0;
      const hash = createHash('sha256');
      for await (const chunk of file.createReadStream({
        autoClose: false,
        start: 0,
        signal,
      }) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        hash.update(chunk);
        intake ??= new RecordIntake(readerOf(formatOf(chunk)), take);
        const document = intake;
        await clock.without(() => document.add(chunk));
      }
      if (hash.digest('hex') !== sha256) throw changed(path);
      const document = intake ?? new RecordIntake(readerOf('json'), take);
      const summary = await clock.without(() => document.end());
      return { ...summary, observedAt, milliseconds: clock.milliseconds, bytes };
    } catch (error) {
      throw unreadable(error, path, intake?.errors() ?? null);
    } finally {
      await file.close();
    }
  }

  async #open(kind: SetFileKind, signal: AbortSignal) {
    // A set may be removed just as it is found: then there is a newer one.
    for (let attempt = 1; ; attempt += 1) {
      try {
        const found = await newestFile(this.#directory, kind);
        if (found === null) throw this.#nothing(kind);
        return { ...found, file: await openVerified(found, this.#limits.outputLimitBytes, signal) };
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' && attempt < 3) continue;
        if (code === undefined || error instanceof SourceError || signal.aborted) throw error;
        const kindOfError = code === 'EACCES' ? 'unauthorized' : 'unreachable';
        const advice =
          code === 'EACCES'
            ? 'Let the account that Clockwork runs as read it.'
            : 'Does the directory exist, and does the job that fills it run?';
        throw new SourceError(kindOfError, `${this.description} cannot be read: ${message}. ${advice}`, {
          cause: error,
        });
      }
    }
  }

  #nothing(kind: SetFileKind): SourceError {
    if (kind === 'sacct') {
      return new SourceError(
        'no_accounting',
        `None of the complete readings in ${this.#directory} has a file sacct.json or sacct.txt.`,
      );
    }
    const message =
      `There is no complete reading with a file ${kind}.json or ${kind}.txt in ${this.#directory}: a directory named for epoch ` +
      'seconds, with a file `complete` as `sha256sum` prints it. Does the job that fills it run?';
    return new SourceError('unreachable', message);
  }
}

function formatOf(beginning: Buffer): Format {
  return /^(?:\uFEFF)?\s*[{[]/.test(beginning.toString('utf8', 0, 4_096)) ? 'json' : 'text';
}

/** The file has whatever its sacct was asked for; of that, the answer to this question. */
function isAsked(question: AccountingQuestion): (record: JobRecord) => boolean {
  if ('jobIds' in question) {
    const ids = new Set(question.jobIds);
    // As sacct answers: the id of an array is that of all its tasks.
    return ({ jobId, arrayJobId }) => ids.has(jobId) || (arrayJobId !== null && ids.has(arrayJobId));
  }
  const { from, to } = question;
  return ({ endTime, submitTime }) =>
    (endTime === null || endTime >= from) && (submitTime === null || submitTime <= to);
}
