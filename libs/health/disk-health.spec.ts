import { lookAtDisk, roomHealth } from './disk-health.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

describe('roomHealth', () => {
  it.each([
    ['ok', 100 * GIB, 400 * GIB],
    ['ok', 3 * GIB, 10 * GIB],
    ['degraded', 1.9 * GIB, 4 * GIB],
    ['degraded', 19 * GIB, 400 * GIB],
    // A small share of a very large one is room for long.
    ['ok', 21 * GIB, 4_000 * GIB],
    ['failing', 255 * MIB, 400 * GIB],
    ['failing', 0, 0],
  ])('%s with %d bytes free of %d', (status, free, size) => {
    const found = roomHealth('/data', { free, size });
    expect(found.status).toBe(status);
    expect(found.advice === null).toBe(status === 'ok');
    expect(found.measured).toMatchObject({
      free: { value: free, unit: 'bytes' },
      size: { value: size, unit: 'bytes' },
    });
  });
});

describe('lookAtDisk', () => {
  it('measures a real one', async () => {
    const { status, measured } = await lookAtDisk(process.cwd());
    expect(status).not.toBe('unknown');
    expect(measured['free_share']?.value).toBeGreaterThanOrEqual(0);
    expect(measured['size']?.value).toBeGreaterThan(GIB / 2);
  });

  it('says that it cannot where there is none', async () => {
    expect(await lookAtDisk('/nowhere/data')).toMatchObject({
      status: 'unknown',
      message: expect.stringMatching(/ENOENT/) as string,
    });
  });
});
