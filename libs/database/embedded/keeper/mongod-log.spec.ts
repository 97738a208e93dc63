import { summarizeErrors } from './mongod-log.js';

describe('the errors in mongod’s log', () => {
  it('are told with their reasons, once each, and nothing else is', () => {
    const log = [
      'x"} the end of a cut line',
      '{"s":"I","msg":"Build Info","attr":{"error":"none"}}',
      '{"s":"E","msg":"WiredTiger error message","attr":{"error":13,"message":{"msg":"WiredTiger.turtle: Permission denied"}}}',
      '{"s":"E","msg":"WiredTiger error message","attr":{"error":13,"message":{"msg":"WiredTiger.turtle: Permission denied"}}}',
      '{"s":"E","msg":"DBException in initAndListen, terminating","attr":{"error":"DBPathInUse: Unable to lock"}}',
      '{"s":"F","msg":"\\n\\n***aborting after fassert() failure\\n\\n"}',
    ].join('\n');
    expect(summarizeErrors(log)).toBe(
      'WiredTiger error message: WiredTiger.turtle: Permission denied; ' +
        'DBException in initAndListen, terminating: DBPathInUse: Unable to lock; ' +
        '***aborting after fassert() failure',
    );
  });
});
