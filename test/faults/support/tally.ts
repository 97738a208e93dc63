import type { Exchange, Outcome } from './bounded-exchange.ts';
import type { Weather } from './weather.ts';

/** The rest of a long row of wrong answers adds nothing to the first. */
const MOST_PROBLEMS = 20;
const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** What came of all requests, and what of it was wrong. */
export class Tally {
  good = 0;
  unchanged = 0;
  unavailable = 0;
  /** Of the unavailable: while nothing was broken on purpose. */
  unforeseen = 0;
  gone = 0;
  cut = 0;
  wrong = 0;
  slowestRefusalMs = 0;
  slowestAnswerMs = 0;
  readonly problems: string[] = [];

  /** @param mayStall whether the machine itself may keep the database from answering for a moment, which is told as 503 too */
  constructor(private readonly mayStall: boolean) {}

  answered(who: string, { outcome, began, ended }: Exchange, problem: string | null): void {
    this.slowestAnswerMs = Math.max(this.slowestAnswerMs, ended - began);
    if (problem !== null) {
      this.isWrong(who, problem, { outcome, began, ended });
      return;
    }
    this.good += 1;
    if (outcome.kind === 'answer' && outcome.status === 304) this.unchanged += 1;
  }

  refused(who: string, exchange: Exchange, weather: Weather): void {
    const { outcome, began, ended } = exchange;
    const isExcused = weather.excuses(exchange, outcome.kind === 'gone');
    const mayBe = isExcused || (this.mayStall && outcome.kind === 'answer');
    const problem = refusalProblem(outcome) ?? (mayBe ? null : 'without a fault');
    if (problem === null && !isExcused) this.unforeseen += 1;
    if (problem !== null) this.isWrong(who, problem, exchange);
    else if (outcome.kind === 'answer') this.unavailable += 1;
    else if (outcome.kind === 'cut') this.cut += 1;
    else this.gone += 1;
    if (outcome.kind === 'answer') this.slowestRefusalMs = Math.max(this.slowestRefusalMs, ended - began);
  }

  private isWrong(who: string, problem: string, { outcome, began, ended }: Exchange): void {
    this.wrong += 1;
    if (this.problems.length >= MOST_PROBLEMS) return;
    const head = 'status' in outcome ? ` ${outcome.status}` : 'code' in outcome ? ` ${outcome.code}` : '';
    const text = 'text' in outcome ? ` ${outcome.text.slice(0, 200)}` : '';
    const times = `${(began / 1_000).toFixed(3)}-${(ended / 1_000).toFixed(3)} s`;
    this.problems.push(`${who}: ${problem} (${times}: ${outcome.kind}${head}${text})`);
  }
}

/** What is wrong with an answer that is no answer, whatever is broken meanwhile. */
function refusalProblem(outcome: Outcome): string | null {
  if (outcome.kind === 'silent') return 'no answer at all';
  if (outcome.kind === 'gone') return null;
  if (outcome.kind === 'cut') return isWholeJson(outcome.text) ? 'a cut answer that looks whole' : null;
  const { 'retry-after': retryAfter, 'content-type': type, etag } = outcome.headers;
  if (!(Number(retryAfter) > 0)) return '503 without Retry-After';
  if (type?.startsWith(PROBLEM_MEDIA_TYPE) !== true) return '503 without problem details';
  if (etag !== undefined) return '503 with an ETag';
  return /mongo|ECONN|EPIPE|\bsock/i.test(outcome.text) ? '503 that tells of the inside' : null;
}

/** As a whole, or as lines of which the last one is whole too. */
function isWholeJson(text: string): boolean {
  const lastLine = text.slice(text.lastIndexOf('\n') + 1);
  return text !== '' && (lastLine === '' || parses(text) || parses(lastLine));
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
