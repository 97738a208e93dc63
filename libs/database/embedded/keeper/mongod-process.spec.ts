import { describeEnd } from './mongod-process.js';

describe('the end of mongod', () => {
  it('is told by its signal or its exit code', () => {
    expect(describeEnd(null, 'SIGKILL')).toBe('signal SIGKILL');
    expect(describeEnd(14, null)).toBe('exit code 14');
  });

  it('over data of another version says what to set', () => {
    expect(describeEnd(62, null)).toMatch(/another version .* set MONGOD to a server of that version/);
  });
});
