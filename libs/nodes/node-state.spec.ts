import { nodeUse } from './node-state.js';

describe('nodeUse', () => {
  it.each([
    ['IDLE', 'idle'],
    ['MIXED', 'mixed'],
    ['ALLOCATED+RESERVED', 'allocated'],
    ['MIXED+COMPLETING', 'mixed'],
    ['IDLE+POWERED_DOWN', 'idle'],
    ['MIXED+DRAIN', 'drained'],
    ['IDLE+MAINTENANCE', 'drained'],
    ['DOWN+DRAIN', 'down'],
    ['IDLE+NOT_RESPONDING', 'down'],
    ['DOWN*', 'down'],
    ['idle~', 'idle'],
    ['alloc', 'allocated'],
    ['UNKNOWN', 'down'],
    ['', 'down'],
    [null, 'down'],
    [undefined, 'down'],
  ])('%s is %s', (state, use) => {
    expect(nodeUse(state)).toBe(use);
  });
});
