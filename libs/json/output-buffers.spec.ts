import { OutputBuffers } from './output-buffers.js';

describe('OutputBuffers', () => {
  it('lends a buffer again once its text came back', () => {
    const buffers = new OutputBuffers(64, 2);
    const first = buffers.lend();
    const second = buffers.lend();
    expect(second.buffer).not.toBe(first.buffer);
    buffers.recycle(first.subarray(0, 5));
    const again = buffers.lend();
    expect(again.buffer).toBe(first.buffer);
    expect(again).toHaveLength(64);
  });

  it('keeps no more than it may', () => {
    const buffers = new OutputBuffers(64, 2);
    const lent = Array.from({ length: 4 }, () => buffers.lend());
    for (const buffer of lent) buffers.recycle(buffer);
    const again = new Set(Array.from({ length: 4 }, () => buffers.lend().buffer));
    expect(lent.filter((buffer) => again.has(buffer.buffer))).toHaveLength(2);
  });

  it('never lends a buffer to two, though it was given back twice', () => {
    const buffers = new OutputBuffers(64, 4);
    const text = buffers.lend();
    buffers.recycle(text);
    buffers.recycle(text);
    expect(buffers.lend().buffer).not.toBe(buffers.lend().buffer);
  });

  it('takes nothing that it has not lent', () => {
    const buffers = new OutputBuffers(64, 4);
    const foreign = [
      Buffer.alloc(64),
      Buffer.from('pooled by Node'),
      new OutputBuffers(64, 4).lend(),
      new Uint8Array(64),
    ];
    for (const text of foreign) buffers.recycle(text);
    const lent = buffers.lend();
    expect(foreign.map((text) => text.buffer)).not.toContain(lent.buffer);
    expect(lent).toHaveLength(64);
  });
});
