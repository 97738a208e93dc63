import { type ByteAnswer, exchangeBytes, tagOf } from './byte-exchange.js';
import { NDJSON } from './list-representations.js';

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

/** Clients who keep a list, each in another form and from another process. */
export class TaggedListClients {
  private readonly clients: { url: string; list: TaggedList }[];

  constructor(path: string, key: string, urls: readonly [string, string]) {
    const forms = path.startsWith('/gpu/') ? [{}, { 'Accept-Encoding': 'gzip' }] : [{}, { Accept: NDJSON }];
    this.clients = urls.map((url, at) => ({ url, list: new TaggedList(path, key, forms[at]) }));
  }

  /** What each takes the list to be when nobody writes. */
  async settle(): Promise<string[]> {
    const texts = [];
    for (const { url, list } of this.clients) texts.push(await list.settle(url));
    return texts;
  }

  /** Does something that the list shows: whoever asks with the tag from before, once it is done, must be shown it. */
  async expectShown(write: () => Promise<void>, shown: RegExp): Promise<void> {
    for (const text of await this.settle()) expect(text).not.toMatch(shown);
    await write();
    for (const text of await this.settle()) expect(text).toMatch(shown);
  }

  /** Does something that leaves the list as it is: the old tag may be good still or not, what is shown is the same. */
  async expectUnchanged(write: () => Promise<void>): Promise<void> {
    const before = await this.settle();
    await write();
    expect(await this.settle()).toEqual(before);
  }
}
