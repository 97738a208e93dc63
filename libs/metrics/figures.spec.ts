import { setTimeout as sleep } from 'node:timers/promises';
import { Figures, type FigureSource } from './figures.js';

class Source implements FigureSource {
  readonly name = 'jobs';
  refreshed = 0;
  cleared = 0;
  answer: () => Promise<void> = () => Promise.resolve();

  async refresh(): Promise<void> {
    this.refreshed += 1;
    await this.answer();
  }

  clear(): void {
    this.cleared += 1;
  }
}

function figuresOf(source: Source): Figures {
  const figures = new Figures();
  figures.add(source);
  return figures;
}

describe('Figures', () => {
  it('are worked out once for all who ask at once and soon after', async () => {
    const source = new Source();
    source.answer = () => sleep(20);
    const figures = figuresOf(source);
    await Promise.all([figures.freshen(), figures.freshen()]);
    await figures.freshen();
    expect(source).toMatchObject({ refreshed: 1, cleared: 0 });
  });

  it('are shown no more once they cannot be worked out, and tried again by the next who asks', async () => {
    const source = new Source();
    source.answer = () => Promise.reject(new Error('no database'));
    const figures = figuresOf(source);
    await figures.freshen();
    expect(source.cleared).toBeGreaterThan(0);
    source.answer = () => Promise.resolve();
    const { cleared } = source;
    await figures.freshen();
    expect(source).toMatchObject({ refreshed: 2, cleared });
  });

  it('are waited for no longer than two seconds, and not begun anew meanwhile', async () => {
    const source = new Source();
    let answered: () => void = () => undefined;
    source.answer = () =>
      new Promise((resolve) => {
        answered = resolve;
      });
    const figures = figuresOf(source);
    const begun = performance.now();
    await Promise.all([figures.freshen(), figures.freshen()]);
    expect(performance.now() - begun).toBeGreaterThan(1_900);
    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(source.refreshed).toBe(1);
    answered();
    await sleep(0);
    const { cleared } = source;
    await figures.freshen();
    expect(source).toMatchObject({ refreshed: 1, cleared });
  });
});
