import { AnswerReader } from './answer-reader.ts';

const CHUNKED =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: "x"\r\n\r\n5\r\n[1,2,\r\n1a;ext=1\r\n\r\n0123456789012345678901\r\n\r\n0\r\n\r\n';

describe('AnswerReader', () => {
  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[1]\n', 200, 4],
    ['no body', 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n', 304, 0],
    ['chunks', CHUNKED, 200, 5 + 0x1a],
    ['a trailer', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n', 200, 1],
  ])('with %s ends at its last byte, wherever it is cut in two', (_name, text, status, bytes) => {
    const whole = Buffer.from(text, 'latin1');
    for (let cut = 0; cut < whole.length; cut += 1) {
      const reader = new AnswerReader();
      expect(reader.feed(whole.subarray(0, cut))).toBe(false);
      expect(reader.feed(whole.subarray(cut))).toBe(true);
      expect([reader.head?.status, reader.bodyBytes]).toEqual([status, bytes]);
    }
  });

  it('gives its headers by their names in lower case', () => {
    const reader = new AnswerReader();
    reader.feed(Buffer.from(CHUNKED));
    expect(reader.head?.headers.get('etag')).toBe('"x"');
  });

  it.each([
    ['no length', 'HTTP/1.1 200 OK\r\n\r\n'],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
  ])('refuses an answer with %s', (_name, text) => {
    expect(() => new AnswerReader().feed(Buffer.from(text))).toThrow();
  });
});
