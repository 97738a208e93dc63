import { type ByteAnswer, exchangeBytes, tagOf } from './byte-exchange.js';

/** A list as a client keeps it that asks again with the tag of what it has. */
export class TaggedList {
  private kept: { tag: string; text: string } | undefined;

  constructor(
    private readonly path: string,
    private readonly key: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  /**
   * Asks for the list, with the tag that came last if there is one.
   * @returns what the client takes the list to be from then on, and the answer
   */
  async read(url: string): Promise<{ text: string; answer: ByteAnswer }> {
    const condition = this.kept === undefined ? {} : { 'If-None-Match': this.kept.tag };
    const headers = { ...this.headers, ...condition };
    const answer = await exchangeBytes(url, this.path, { key: this.key, headers });
    if (answer.status === 304 && this.kept !== undefined) {
      expect(tagOf(answer)).toBe(this.kept.tag);
      return { text: this.kept.text, answer };
    }
    expect({ ...answer, status: 200 }).toEqual(answer);
    const tag = answer.headers.etag;
    // While somebody writes there may be none: then there is nothing to ask with.
    this.kept = tag === undefined ? undefined : { tag, text: answer.text };
    return { text: answer.text, answer };
  }

  /** Asks when nobody writes: what comes has a tag, and with it the next answer is 304. */
  async settle(url: string): Promise<string> {
    const { text, answer } = await this.read(url);
    tagOf(answer);
    expect((await this.read(url)).answer.status).toBe(304);
    return text;
  }
}
