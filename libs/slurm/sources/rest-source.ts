import type { DocumentReader, ReadingSummary } from '../document-reader.js';
import type { JobRecord } from '../job-record.js';
import type { KnownTexts } from '../known-texts.js';
import type { NodeRecord } from '../node-record.js';
import { jobReader, nodeReader } from '../readers.js';
import { SlurmFormatError } from '../slurm-format-error.js';
import { AnswerClock } from './answer-clock.js';
import { complaint } from './complaint.js';
import { RecordIntake } from './record-intake.js';
import { type SlurmErrors, slurmErrors } from './slurm-errors.js';
import { MOST_JOB_IDS, windowOf } from './slurm-commands.js';
import {
  type AccountingQuestion,
  type SlurmSource,
  SourceError,
  type SourceReading,
  type Take,
} from './slurm-source.js';
import { MOST_CONNECTIONS, type RestAnswer, SlurmrestdClient } from './slurmrestd-client.js';
import { type Refusal, refusalError } from './slurmrestd-refusal.js';
import { API_VERSIONS, jobPaths, versionPath, windowPath } from './slurmrestd-versions.js';
import type { SlurmrestdSource, SourceLimits } from './source-configuration.js';
import { addedSummary, NO_RECORDS } from './summary.js';
import { type TokenSource, tokenSource } from './token-source.js';
import { unreadable } from './unreadable.js';

/** How much of a body is kept for a message. */
const KEPT_BYTES = 16_384;

/** A change after this is none: it is asked for only to see whether a token is taken. 2100-01-01. */
const FAR_FUTURE = 4_102_444_800;

/** One question, which may be several requests: they share a time limit and an output limit. */
interface Asking {
  signal: AbortSignal;
  clock: AnswerClock;
  bytes: number;
}

/** A slurmrestd. */
export class RestSource implements SlurmSource {
  readonly description: string;
  readonly #client: SlurmrestdClient;
  readonly #tokens: TokenSource | null;
  readonly #user: string | null;
  readonly #limits: SourceLimits;
  readonly #zone: { timeZone: string };
  #version: number | null = null;

  constructor(source: SlurmrestdSource, limits: SourceLimits, zone: { timeZone: string }) {
    this.#client = new SlurmrestdClient(source.address);
    this.#tokens = source.token === null ? null : tokenSource(source.token);
    this.#user = source.user;
    this.#limits = limits;
    this.#zone = zone;
    this.description = `slurmrestd at ${this.#client.address}`;
  }

  jobs(take: Take<JobRecord>, signal: AbortSignal, known?: KnownTexts<JobRecord>): Promise<SourceReading> {
    const reader = () => jobReader('controller-json', this.#zone, known);
    return this.#ask((version) => [`/slurm/${versionPath(version)}/jobs`], reader, take, signal);
  }

  nodes(take: Take<NodeRecord>, signal: AbortSignal): Promise<SourceReading> {
    const reader = () => nodeReader('node-json', this.#zone);
    return this.#ask((version) => [`/slurm/${versionPath(version)}/nodes`], reader, take, signal);
  }

  accounting(question: AccountingQuestion, take: Take<JobRecord>, signal: AbortSignal): Promise<SourceReading> {
    if ('jobIds' in question && (question.jobIds.length === 0 || question.jobIds.length > MOST_JOB_IDS)) {
      return Promise.reject(new RangeError(`accounting is asked for 1 to ${MOST_JOB_IDS} jobs at a time`));
    }
    const paths = (version: number) =>
      'jobIds' in question ? jobPaths(version, question.jobIds) : [windowPath(version, windowOf(question))];
    return this.#ask(paths, () => jobReader('accounting-json', this.#zone), take, signal);
  }

  async close(): Promise<void> {
    this.#client.close();
    await Promise.resolve();
  }

  async #ask<T>(
    paths: (version: number) => string[],
    reader: () => DocumentReader<T>,
    take: Take<T>,
    signal: AbortSignal,
  ): Promise<SourceReading> {
    const observedAt = Date.now();
    const tooLong = new AbortController();
    const clock = new AnswerClock(this.#limits.timeLimitMs, () => {
      tooLong.abort();
    });
    const asking: Asking = { signal: AbortSignal.any([signal, tooLong.signal]), clock, bytes: 0 };
    try {
      const version = await this.#detect(asking);
      const summary = await this.#readAll(paths(version), reader, inTurn(take), asking);
      return { ...summary, observedAt, milliseconds: clock.milliseconds, bytes: asking.bytes };
    } catch (error) {
      signal.throwIfAborted();
      if (tooLong.signal.aborted) {
        const message =
          `${this.description} had not answered after ${this.#limits.timeLimitMs / 1_000} s. ` +
          'Slurm hangs or is busy; if it is always so slow, raise the time limit of the source.';
        throw new SourceError('timeout', message, { cause: error });
      }
      if (error instanceof SourceError && error.kind !== 'unauthorized') this.#version = null;
      throw error;
    } finally {
      clock.stop();
    }
  }

  /** A few requests at a time; the first that fails ends the others. */
  async #readAll<T>(
    paths: readonly string[],
    reader: () => DocumentReader<T>,
    take: Take<T>,
    asking: Asking,
  ): Promise<ReadingSummary> {
    const failed = new AbortController();
    const signal = AbortSignal.any([asking.signal, failed.signal]);
    const waiting = [...paths];
    let summary: ReadingSummary = NO_RECORDS;
    const work = async (): Promise<void> => {
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
        const added = await this.#read(path, reader, take, signal, asking);
        summary = addedSummary(summary, added);
      }
    };
    const errors: unknown[] = [];
    const workers = Array.from({ length: Math.min(MOST_CONNECTIONS, paths.length) }, () =>
      work().catch((error: unknown) => {
        errors.push(error);
        failed.abort();
      }),
    );
    await Promise.all(workers);
    // The others were ended because of the first.
    if (errors.length > 0) throw errors[0];
    return summary;
  }

  async #read<T>(
    path: string,
    reader: () => DocumentReader<T>,
    take: Take<T>,
    signal: AbortSignal,
    asking: Asking,
  ): Promise<ReadingSummary> {
    const answer = await this.#get(path, signal);
    if (answer.status !== 200) throw await this.#refused(path, answer, asking);
    const intake = new RecordIntake(reader(), take);
    try {
      for await (const chunk of this.#body(answer, signal, asking)) {
        await asking.clock.without(() => intake.add(chunk));
      }
      return await asking.clock.without(() => intake.end());
    } catch (error) {
      if (!(error instanceof SlurmFormatError) || intake.begun) throw unreadable(error, this.description, null);
      const errors = intake.errors();
      // 22.05 tells with 200 that slurmdbd does not take the token.
      if (errors.authentication) throw this.#error({ status: answer.status, errors });
      throw unreadable(error, this.description, errors);
    } finally {
      answer.discard();
    }
  }

  /** Asks, and where the token is refused once more with a new one. */
  async #get(path: string, signal: AbortSignal): Promise<RestAnswer> {
    const token = await this.#tokens?.token(signal);
    const answer = await this.#send(path, token, signal);
    if (this.#tokens === null || (answer.status !== 401 && answer.status !== 511 && answer.status !== 502))
      return answer;
    this.#tokens.forget();
    const other = await this.#tokens.token(signal).catch((error: unknown) => {
      answer.discard();
      throw error;
    });
    if (other === token) return answer;
    answer.discard();
    return this.#send(path, other, signal);
  }

  async #send(path: string, token: string | undefined, signal: AbortSignal): Promise<RestAnswer> {
    const headers = {
      ...(token === undefined ? {} : { 'X-SLURM-USER-TOKEN': token }),
      ...(this.#user === null ? {} : { 'X-SLURM-USER-NAME': this.#user }),
    };
    try {
      return await this.#client.get(path, headers, signal);
    } catch (error) {
      throw this.#lost(error, signal);
    }
  }

  async *#body(answer: RestAnswer, signal: AbortSignal, asking: Asking): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of answer.body) {
        asking.bytes += chunk.length;
        if (asking.bytes > this.#limits.outputLimitBytes) {
          const message =
            `${this.description} sent more than ${this.#limits.outputLimitBytes} bytes. ` +
            'If the cluster is so large, raise the output limit of its source.';
          throw new SourceError('too_large', message);
        }
        yield chunk;
      }
    } catch (error) {
      // What is thrown where the pieces go does not come past here.
      throw this.#lost(error, signal);
    }
  }

  /** The newest version that is offered. Others are 404, which slurmrestd says without asking Slurm. */
  async #detect(asking: Asking): Promise<number> {
    if (this.#version !== null) return this.#version;
    for (const version of API_VERSIONS) {
      const said = await this.#look(version, asking.signal);
      if (said.status === 404) continue;
      if (!answers(said)) throw this.#error(said);
      this.#version = version;
      return version;
    }
    const message =
      `${this.description} offers none of the versions v0.0.${API_VERSIONS.at(-1) ?? 0} to v0.0.${API_VERSIONS[0] ?? 0} that ` +
      'Clockwork reads. Is that the address of a slurmrestd, and the path in front of `/slurm` right?';
    throw new SourceError('failed', message);
  }

  async #refused(path: string, answer: RestAnswer, asking: Asking): Promise<SourceError> {
    const said = { status: answer.status, errors: await this.#errors(answer) };
    const ofAccounting = path.startsWith('/slurmdb/') && this.#version !== null;
    if (ofAccounting && (said.status === 404 || said.errors.noDatabase)) {
      const ofController = await this.#look(this.#version ?? 0, asking.signal);
      if (!answers(ofController)) return this.#error(ofController);
      if (said.status === 404) {
        const message = `${this.description} offers no accounting: it was started without slurmdbd, or the cluster keeps none.`;
        return new SourceError('no_accounting', message);
      }
    }
    return this.#error(said);
  }

  /**
   * Whether slurmctld answers through that version, and takes the token: `ping` tells neither. Since that time nothing has
   * changed, so that the answer is small.
   */
  async #look(version: number, signal: AbortSignal): Promise<Refusal> {
    const answer = await this.#get(`/slurm/${versionPath(version)}/jobs?update_time=${FAR_FUTURE}`, signal);
    return { status: answer.status, errors: await this.#errors(answer) };
  }

  #error(said: Refusal): SourceError {
    // Of a token that has expired 22.05 tells no more than that something has failed.
    this.#tokens?.forget();
    return refusalError(said, this.#client.address, this.#tokens !== null);
  }

  /** A little of a body that is read for a message; so that the connection can be used again, all of one that is small. */
  async #errors(answer: RestAnswer): Promise<SlurmErrors> {
    let text = Buffer.alloc(0);
    try {
      for await (const chunk of answer.body) {
        text = Buffer.concat([text, chunk]);
        if (text.length >= KEPT_BYTES) break;
      }
    } catch {
      // What came of it has to do.
    }
    return slurmErrors(text.toString('utf8'));
  }

  /** For a request that no answer came to, or half of one. */
  #lost(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted || error instanceof SourceError) return error;
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (code === undefined) return error;
    const denied = code === 'EACCES' || code === 'EPERM';
    const certificate = /CERT|SIGNATURE|SELF_SIGNED|ISSUER|ALTNAME/.test(code);
    const advice = denied
      ? 'The account that Clockwork runs as may not open that socket.'
      : certificate
        ? 'Node does not trust its certificate; NODE_EXTRA_CA_CERTS names a file with the authority that signed it.'
        : 'Is slurmrestd running, and the address right?';
    const what = complaint(message || `${syscall ?? ''} ${code}`);
    const kind = denied ? 'unauthorized' : 'unreachable';
    return new SourceError(kind, `${this.description} cannot be reached: ${what}. ${advice}`, { cause: error });
  }
}

/** To a question for changes since a time in the future, 22.05 says 304 and later versions 200 with an empty list. */
function answers({ status }: Refusal): boolean {
  return status === 200 || status === 304;
}

/** One batch after the other, whoever reads them. */
function inTurn<T>(take: Take<T>): Take<T> {
  let last: Promise<void> = Promise.resolve();
  return (records) => {
    const next = last.then(() => take(records));
    last = next.catch(() => undefined);
    return next;
  };
}
