import { setTimeout as sleep } from 'node:timers/promises';
import { EventLoopDelay, eventLoopHealth } from './event-loop-health.js';

describe('EventLoopDelay', () => {
  it('measures how late turns are, of a loop that is blocked', async () => {
    const delay = new EventLoopDelay();
    delay.start();
    await sleep(100);
    const until = performance.now() + 300;
    while (performance.now() < until);
    await sleep(100);
    expect(delay.delays.max).toBeGreaterThan(200);
    expect(delay.delays.windowMs).toBeGreaterThan(450);
    delay.stop();
  });
});

describe('eventLoopHealth', () => {
  it.each([
    ['ok', 249],
    ['degraded', 250],
    ['failing', 2_000],
  ])('is %s with %d ms at the 99th percentile', (status, p99) => {
    const found = eventLoopHealth('host 7', { windowMs: 10_000, p50: 0.4, p99, max: 3_000 });
    expect(found).toMatchObject({
      status,
      measured: { p99: { value: p99, unit: 'ms' }, window: { value: 10, unit: 's' } },
    });
    expect(found.advice === null).toBe(status === 'ok');
  });
});
