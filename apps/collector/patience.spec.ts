import { DatabaseSilent, withinPatience } from './patience.js';

describe('waiting for the database', () => {
  it('gives what it answers, and what it refuses', async () => {
    expect(await withinPatience(Promise.resolve(7), 1_000)).toBe(7);
    await expect(withinPatience(Promise.reject(new Error('no')), 1_000)).rejects.toThrow('no');
  });

  it('ends where no answer comes, and no late one is missed by anybody', async () => {
    const late = Promise.withResolvers<never>();
    await expect(withinPatience(late.promise, 20)).rejects.toThrow(DatabaseSilent);
    late.reject(new Error('after all'));
    await new Promise(setImmediate);
  });
});
