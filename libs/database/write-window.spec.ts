import { jest } from '@jest/globals';
import fc from '../../test/support/seeded-fast-check.js';
import { type WindowRecord, WriteWindow } from './write-window.js';

type Fate = 'succeeds' | 'is refused' | 'is in doubt';
interface Write {
  fate: Fate;
  /** How long it takes until it is made, in milliseconds. */
  later: number;
}

class InDoubt extends Error {}
class Refused extends Error {}
class Unreachable extends Error {}

interface Window {
  state: 'opening' | 'open' | 'closing' | 'closed';
  /** Writes in it that are under way. */
  writing: number;
  /** Something of it may still take effect, or it is not known how it stands. */
  isInDoubt: boolean;
  renewals: number;
}

/** What others see of windows, every step of which takes as long as the scheduler will have it, and may fail. */
class RecordedWindows implements WindowRecord {
  readonly all = new Map<string, Window>();
  /** What must never happen: told here, since an error thrown into the product may be swallowed by it. */
  readonly violations: string[] = [];
  private readonly calls = { open: 0, renew: 0, close: 0 };

  constructor(
    private readonly schedule: (step: string) => Promise<void>,
    private readonly fails: (step: keyof WindowRecord, call: number) => boolean = () => false,
  ) {}

  /** The window that a write belongs to which begins now. */
  get current(): Window | undefined {
    return [...this.all.values()].at(-1);
  }

  async open(id: string): Promise<void> {
    if (this.all.has(id)) this.violations.push('a window is opened twice');
    if ([...this.all.values()].some(({ writing }) => writing > 0)) this.violations.push('a write is left behind');
    const window: Window = { state: 'opening', writing: 0, isInDoubt: false, renewals: 0 };
    this.all.set(id, window);
    await this.step('open', window);
    window.state = 'open';
  }

  async renew(id: string): Promise<void> {
    const window = this.windowOf(id);
    if (window.state !== 'opening' && window.state !== 'open') this.violations.push(`renewed while ${window.state}`);
    window.renewals += 1;
    await this.step('renew', window);
  }

  async close(id: string): Promise<void> {
    const window = this.windowOf(id);
    if (window.state !== 'open') this.violations.push(`closed while ${window.state}`);
    if (window.writing > 0) this.violations.push('closed while a write is under way');
    if (window.isInDoubt) this.violations.push('closed in doubt');
    window.state = 'closing';
    await this.step('close', window);
    window.state = 'closed';
  }

  private async step(step: keyof WindowRecord, window: Window): Promise<void> {
    this.calls[step] += 1;
    const call = this.calls[step];
    await this.schedule(step);
    if (!this.fails(step, call)) return;
    window.isInDoubt = true;
    throw new Unreachable(step);
  }

  private windowOf(id: string): Window {
    const window = this.all.get(id);
    if (window === undefined) throw new Error(`${id} was never opened`);
    return window;
  }
}

const isInDoubt = (error: unknown) => error instanceof InDoubt;

describe('WriteWindow', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const write: fc.Arbitrary<Write> = fc.record({
    fate: fc.oneof(
      { weight: 4, arbitrary: fc.constant<Fate>('succeeds') },
      fc.constantFrom<Fate>('is refused', 'is in doubt'),
    ),
    later: fc.constantFrom(0, 0, 1, 3_000, 6_000),
  });
  const failing = fc.record({
    open: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }),
    renew: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }),
    close: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }),
  });

  it('encloses every write, in whatever order things happen and fail', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(write, { minLength: 1, maxLength: 12 }),
        failing,
        async (scheduler, writes, failures) => {
          const record = new RecordedWindows(
            (step) => scheduler.schedule(Promise.resolve(), step),
            (step, call) => failures[step].includes(call),
          );
          const enclosed = new WriteWindow(record, isInDoubt);
          const make = async ({ fate, later }: Write, number: number): Promise<void> => {
            await scheduler.schedule(Promise.resolve(), `write ${number} is asked for`);
            jest.advanceTimersByTime(later);
            let own: Window | undefined;
            const outcome = enclosed.around(async () => {
              own = record.current;
              if (own?.state !== 'open') record.violations.push('a write begins outside');
              if (own !== undefined) own.writing += 1;
              await scheduler.schedule(Promise.resolve(), `write ${number} takes effect`);
              if (own?.state !== 'open') record.violations.push('a write takes effect outside');
              if (own !== undefined) {
                own.writing -= 1;
                own.isInDoubt ||= fate === 'is in doubt';
              }
              if (fate === 'is refused') throw new Refused();
              if (fate === 'is in doubt') throw new InDoubt();
              return number;
            });
            const error: unknown = await outcome.then(
              (result) => {
                expect(result).toBe(number);
                return null;
              },
              (reason: unknown) => reason,
            );
            // One that was never begun was told so; any other what became of it.
            if (own === undefined) expect(error).toBeInstanceOf(Unreachable);
            else if (fate === 'succeeds') expect(error).toBeNull();
            else expect(error).toBeInstanceOf(fate === 'is refused' ? Refused : InDoubt);
          };
          await scheduler.waitFor(Promise.all(writes.map(make)));
          expect(record.violations).toEqual([]);
          const left = [...record.all.values()].filter(({ state }) => state !== 'closed');
          // Whoever closes a window without success has left it to the others, too.
          expect(left.filter((window) => !window.isInDoubt)).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is closed when the last write in it returns', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 8 }), async (scheduler, count) => {
        const record = new RecordedWindows((step) => scheduler.schedule(Promise.resolve(), step));
        const enclosed = new WriteWindow(record, isInDoubt);
        let returned = 0;
        const make = async (): Promise<void> => {
          await enclosed.around(() => scheduler.schedule(Promise.resolve(), 'write'));
          returned += 1;
          if (returned === count) expect(record.current?.state).toBe('closed');
        };
        await scheduler.waitFor(Promise.all(Array.from({ length: count }, make)));
        expect(returned).toBe(count);
      }),
    );
  });

  it('is another one for a write that comes while it is being closed', async () => {
    const steps: string[] = [];
    let second: Promise<unknown> | undefined;
    const record = new RecordedWindows((step) => {
      steps.push(step);
      if (step === 'close') second ??= enclosed.around(() => Promise.resolve(steps.push('second write')));
      return Promise.resolve();
    });
    const enclosed = new WriteWindow(record, isInDoubt);
    await enclosed.around(() => Promise.resolve(steps.push('first write')));
    await second;
    expect(steps).toEqual(['open', 'first write', 'close', 'open', 'second write', 'close']);
    expect([...record.all.values()].map(({ state }) => state)).toEqual(['closed', 'closed']);
  });

  it('is one for a thousand writes at once', async () => {
    const record = new RecordedWindows(() => Promise.resolve());
    const enclosed = new WriteWindow(record, isInDoubt);
    await Promise.all(Array.from({ length: 1_000 }, (_, number) => enclosed.around(() => Promise.resolve(number))));
    expect([...record.all.values()]).toEqual([{ state: 'closed', writing: 0, isInDoubt: false, renewals: 0 }]);
  });

  it('is another one for a write that comes after the others', async () => {
    const record = new RecordedWindows(() => Promise.resolve());
    const enclosed = new WriteWindow(record, isInDoubt);
    for (let number = 0; number < 3; number += 1) await enclosed.around(() => Promise.resolve());
    expect([...record.all.values()].map(({ state }) => state)).toEqual(['closed', 'closed', 'closed']);
  });

  it('begins no write where it could not be opened, and opens the next one', async () => {
    const record = new RecordedWindows(
      () => Promise.resolve(),
      (step, call) => step === 'open' && call === 1,
    );
    const enclosed = new WriteWindow(record, isInDoubt);
    const begun: string[] = [];
    const make = (name: string) => enclosed.around(() => Promise.resolve(begun.push(name)));
    const together = await Promise.allSettled([make('a'), make('b')]);
    expect(together).toMatchObject([
      { status: 'rejected', reason: new Unreachable('open') },
      { status: 'rejected', reason: new Unreachable('open') },
    ]);
    await make('c');
    expect(begun).toEqual(['c']);
    expect([...record.all.values()].map(({ state }) => state)).toEqual(['opening', 'closed']);
  });

  it('stays open after a write in doubt, also where others in it did well', async () => {
    const record = new RecordedWindows(() => Promise.resolve());
    const enclosed = new WriteWindow(record, isInDoubt);
    const well = Promise.withResolvers<string>();
    const others = enclosed.around(() => well.promise);
    await expect(enclosed.around(() => Promise.reject(new InDoubt('no answer')))).rejects.toThrow('no answer');
    well.resolve('done');
    await expect(others).resolves.toBe('done');
    await enclosed.around(() => Promise.resolve());
    expect([...record.all.values()].map(({ state }) => state)).toEqual(['open', 'closed']);
  });

  it('is closed after a write that was refused', async () => {
    const record = new RecordedWindows(() => Promise.resolve());
    const refused = new WriteWindow(record, isInDoubt).around(() => Promise.reject(new Refused('duplicate key')));
    await expect(refused).rejects.toThrow('duplicate key');
    expect(record.current?.state).toBe('closed');
  });

  it('gives what was written as written where it could not be closed', async () => {
    const record = new RecordedWindows(
      () => Promise.resolve(),
      (step) => step === 'close',
    );
    const enclosed = new WriteWindow(record, isInDoubt);
    await expect(enclosed.around(() => Promise.resolve('written'))).resolves.toBe('written');
    await expect(enclosed.around(() => Promise.resolve('written too'))).resolves.toBe('written too');
    expect(record.all.size).toBe(2);
  });

  it('shows a sign of life every 5 s while writes keep coming', async () => {
    const record = new RecordedWindows(() => Promise.resolve());
    const enclosed = new WriteWindow(record, isInDoubt);
    const held = Promise.withResolvers<undefined>();
    const first = enclosed.around(() => held.promise);
    for (let second = 0; second < 31; second += 1) {
      await enclosed.around(() => Promise.resolve());
      jest.advanceTimersByTime(1_000);
    }
    held.resolve(undefined);
    await first;
    // At 6, 12, 18, 24 and 30 s: with the first write that comes more than 5 s after the last sign.
    expect([...record.all.values()]).toMatchObject([{ state: 'closed', renewals: 5 }]);
  });

  it('leaves a window to the others that could show no sign of life, and lets those in it end', async () => {
    const record = new RecordedWindows(
      () => Promise.resolve(),
      (step) => step === 'renew',
    );
    const enclosed = new WriteWindow(record, isInDoubt);
    const held = Promise.withResolvers<string>();
    const first = enclosed.around(() => held.promise);
    jest.advanceTimersByTime(5_001);
    let isBegun = false;
    const late = enclosed.around(() => Promise.resolve((isBegun = true)));
    await expect(late).rejects.toThrow(Unreachable);
    held.resolve('done');
    await expect(first).resolves.toBe('done');
    expect(isBegun).toBe(false);
    expect(record.current).toMatchObject({ state: 'open', isInDoubt: true });
  });
});
