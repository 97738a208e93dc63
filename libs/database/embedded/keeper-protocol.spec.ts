import { encodeMessage, LineFraming, parseClientMessage, parseKeeperMessage } from './keeper-protocol.js';

describe('line framing', () => {
  it('gives lines as they become whole, however they are cut', () => {
    const framing = new LineFraming();
    expect(framing.push('{"a":')).toEqual([]);
    expect(framing.push('1}\n{"b":2}\n{"c"')).toEqual(['{"a":1}', '{"b":2}']);
    expect(framing.push(':3}\n')).toEqual(['{"c":3}']);
  });

  it('refuses to gather a line without an end', () => {
    const framing = new LineFraming();
    const push = (): void => {
      for (let chunk = 0; chunk < 10; chunk += 1) framing.push('x'.repeat(10_000));
    };
    expect(push).toThrow('more than 65536 characters');
  });
});

describe('messages', () => {
  it('arrive as they were sent', () => {
    expect(parseClientMessage(encodeMessage({ type: 'hold' }))).toEqual({ type: 'hold' });
    const failed = { type: 'failed', message: 'no space\nleft' } as const;
    expect(parseKeeperMessage(encodeMessage(failed).trimEnd())).toEqual(failed);
  });

  it.each(['null', '"hold"', '{"type":"ready"}', 'GET / HTTP/1.1'])('to the keeper are not %s', (line) => {
    expect(() => parseClientMessage(line)).toThrow();
  });
});
