import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import {
  MongoClient,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';
import { DatabaseTimeoutError } from './database-calls.js';
import { isBrokenConnection, isDatabaseOutage } from './outage.js';

const NOWHERE = '/nowhere/at/all.sock';
const failure = (work: Promise<unknown>): Promise<unknown> => work.then(() => null).catch((error: unknown) => error);

/** Tests run in a realm of their own, in which Node's own errors are no instances of Error. */
const ofThisRealm = (error: Error): Error => Object.assign(new Error(error.message), error);

describe('isDatabaseOutage', () => {
  it('knows a server that cannot be reached', async () => {
    const client = new MongoClient(`mongodb://${encodeURIComponent(NOWHERE)}/?serverSelectionTimeoutMS=100`);
    const error = await failure(client.connect());
    expect(error).toBeInstanceOf(MongoServerSelectionError);
    expect(isDatabaseOutage(error)).toBe(true);
    await client.close();
  });

  it("knows a socket's own error", async () => {
    const [caught] = (await once(connect(NOWHERE), 'error')) as [Error];
    const error = ofThisRealm(caught);
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'connect' });
    expect(isDatabaseOutage(error)).toBe(true);
  });

  it('knows the error of a write to a socket that the other end has just ended', async () => {
    const server = createServer((socket) => socket.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').resume();
    await once(socket, 'end');
    await setImmediate();
    const caught = await new Promise<Error | null | undefined>((resolve) => socket.write('x', resolve));
    server.close();
    const error = ofThisRealm(caught ?? new Error('it was written'));
    expect(error).toMatchObject({ code: 'EPIPE' });
    expect(error).not.toHaveProperty('syscall');
    expect([isDatabaseOutage(error), isBrokenConnection(error)]).toEqual([true, true]);
  });

  it('takes no missing file for an outage', async () => {
    const error = ofThisRealm((await failure(readFile(NOWHERE))) as Error);
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'open' });
    expect(isDatabaseOutage(error)).toBe(false);
  });

  it.each([
    new MongoNetworkError('gone'),
    new MongoNetworkTimeoutError('late'),
    new DatabaseTimeoutError('silent'),
    new MongoServerError({ message: 'not primary', code: 10107 }),
    new MongoServerError({ message: 'interrupted at shutdown', code: 11600 }),
    new MongoServerError({ message: 'write concern timeout', code: 64 }),
    new Error('list', { cause: new Error('cursor', { cause: new MongoNetworkError('gone') }) }),
  ])('knows %s', (error) => {
    expect(isDatabaseOutage(error)).toBe(true);
  });

  it.each([
    new Error('x'),
    new TypeError('x'),
    new MongoServerError({ message: 'E11000 duplicate key', code: 11000 }),
    new MongoServerError({ message: 'bad value', code: 2 }),
    new MongoServerError({ message: 'unauthorized', code: 13 }),
    Object.assign(new Error('x'), { code: 'ECONNRESET' }),
    'MongoNetworkError',
    null,
    undefined,
    { name: 'MongoNetworkError' },
  ])('takes %s for none', (error) => {
    expect(isDatabaseOutage(error)).toBe(false);
  });

  it('comes to an end on an error that is its own cause', () => {
    const error = new Error('x');
    error.cause = error;
    expect(isDatabaseOutage(error)).toBe(false);
  });
});
