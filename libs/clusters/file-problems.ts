import type { LineCounter } from 'yaml';
import { ConfigurationError } from '#libs/common';

/** More are not shown: whoever reads them mends these first. */
const MOST_SHOWN = 50;
/** An alias can bring the same ones many times over. */
const MOST_KEPT = 1000;

/** What is wrong with a file, gathered so that all of it is told at once. */
export class FileProblems {
  private readonly found: { offset: number; text: string }[] = [];
  private count = 0;

  /** @param file its path, as whoever set it wrote it */
  constructor(
    private readonly file: string,
    private readonly lines: LineCounter,
  ) {}

  /**
   * @param offset of the place, in UTF-16 units
   * @param path of the value there, such as `clusters[0].time_zone`; empty for the file as such
   */
  add(offset: number, path: string, what: string): void {
    this.count += 1;
    if (this.found.length === MOST_KEPT) return;
    const { line, col } = this.lines.linePos(offset);
    // An empty file has no lines yet.
    const place = `${this.file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
    this.found.push({ offset, text: path === '' ? `${place}: ${what}` : `${place}: ${path}: ${what}` });
  }

  /** @throws ConfigurationError with a line for each, in the order of the file, where there are any */
  tell(): void {
    if (this.count === 0) return;
    const texts = this.found.toSorted((a, b) => a.offset - b.offset).map(({ text }) => text);
    const more = this.count - MOST_SHOWN;
    throw new ConfigurationError([
      ...texts.slice(0, MOST_SHOWN),
      ...(more > 0 ? [`${this.file}: ${more} more problems are not shown.`] : []),
    ]);
  }
}
