import { type WindowRecord, WriteWindow } from './write-window.js';

/** What others would see, in the order in which it happened. */
class Recorded implements WindowRecord {
  readonly steps: string[] = [];
  failing: 'open' | 'close' | null = null;

  open(): Promise<void> {
    return this.step('open');
  }

  renew(): Promise<void> {
    return this.step('renew');
  }

  close(): Promise<void> {
    return this.step('close');
  }

  write(name: string): () => Promise<string> {
    return async () => {
      this.steps.push(`${name} begins`);
      await turn();
      this.steps.push(`${name} ends`);
      return name;
    };
  }

  private async step(name: string): Promise<void> {
    await turn();
    if (this.failing === name) throw new Error(`cannot ${name}`);
    this.steps.push(name);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

const REFUSED = new Error('refused');
const LOST = new Error('lost');

describe('WriteWindow', () => {
  let record: Recorded;
  let window: WriteWindow;

  beforeEach(() => {
    record = new Recorded();
    window = new WriteWindow(record, (error) => error === LOST);
  });

  it('is open before a write begins and closed before its writer is told', async () => {
    expect(await window.around(record.write('a'))).toBe('a');
    expect(record.steps).toEqual(['open', 'a begins', 'a ends', 'close']);
  });

  it('is shared by writes at the same moment, and closed after the last', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => window.around(record.write(name))));
    expect(record.steps.filter((step) => step === 'open' || step === 'close')).toEqual(['open', 'close']);
    expect(record.steps.at(0)).toBe('open');
    expect(record.steps.at(-1)).toBe('close');
  });

  it('is another one for a write that comes while it is being closed', async () => {
    const first = window.around(record.write('a'));
    while (!record.steps.includes('a ends')) await turn();
    await Promise.all([first, window.around(record.write('b'))]);
    expect(record.steps).toEqual(['open', 'a begins', 'a ends', 'close', 'open', 'b begins', 'b ends', 'close']);
  });

  it('is closed after a write that was refused, whose error is passed on', async () => {
    await expect(window.around(() => Promise.reject(REFUSED))).rejects.toBe(REFUSED);
    expect(record.steps).toEqual(['open', 'close']);
  });

  it('stays open after a write that may still take effect, and a later one opens its own', async () => {
    await expect(window.around(() => Promise.reject(LOST))).rejects.toBe(LOST);
    expect(record.steps).toEqual(['open']);
    await window.around(record.write('b'));
    expect(record.steps).toEqual(['open', 'open', 'b begins', 'b ends', 'close']);
  });

  it('lets no write begin that it could not be opened for', async () => {
    record.failing = 'open';
    await expect(window.around(record.write('a'))).rejects.toThrow('cannot open');
    record.failing = null;
    await window.around(record.write('b'));
    expect(record.steps).toEqual(['open', 'b begins', 'b ends', 'close']);
  });

  it('that could not be closed fails no write: it is done', async () => {
    record.failing = 'close';
    expect(await window.around(record.write('a'))).toBe('a');
  });
});
