import type { Finding, KnownStatus, Status } from './health-part.js';
import { StatusHistory } from './status-history.js';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 5, 14, 0, seconds));

function found(status: Status, more: Partial<Finding> = {}): Finding {
  return { part: 'disk', about: null, status, message: '', advice: null, measured: {}, ...more };
}

const sinceOf = (history: StatusHistory, finding: Finding, now: Date, elsewhere: KnownStatus[] = []) =>
  history.note([finding], elsewhere, now)[0]?.since;

describe('StatusHistory', () => {
  it('keeps the time of the last change', () => {
    const history = new StatusHistory();
    const seen = (['ok', 'ok', 'failing', 'failing', 'ok'] as const).map((status, step) =>
      sinceOf(history, found(status), at(step)),
    );
    expect(seen).toEqual([at(0), at(0), at(2), at(2), at(4)]);
  });

  it('tells parts apart by what they are about', () => {
    const history = new StatusHistory();
    history.note([found('ok', { about: 'a' })], [], at(0));
    expect(
      history.note([found('ok', { about: 'b' }), found('ok', { about: 'a' })], [], at(1)).map(({ since }) => since),
    ).toEqual([at(1), at(0)]);
  });

  it('takes over what the record tells', () => {
    expect(sinceOf(new StatusHistory(), found('failing', { since: at(3) }), at(9))).toEqual(at(3));
  });

  it('believes others that have seen the same status for longer, and no others', () => {
    const others: KnownStatus[] = [
      { part: 'disk', about: null, status: 'ok', since: at(2) },
      { part: 'disk', about: null, status: 'failing', since: at(1) },
      { part: 'database', about: null, status: 'ok', since: at(0) },
    ];
    expect(sinceOf(new StatusHistory(), found('ok'), at(9), others)).toEqual(at(2));
  });

  it('forgets what is gone', () => {
    const history = new StatusHistory();
    history.note([found('ok')], [], at(0));
    history.note([], [], at(1));
    expect(sinceOf(history, found('ok'), at(2))).toEqual(at(2));
  });
});
