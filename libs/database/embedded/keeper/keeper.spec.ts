import { restartDelayMs } from './keeper.js';

describe('starting mongod again', () => {
  it('is at once, and slower only when it fails to start in a row', () => {
    expect([0, 1, 2, 3, 4, 6, 50].map(restartDelayMs)).toEqual([0, 0, 0, 100, 200, 800, 5_000]);
  });
});
