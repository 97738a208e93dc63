import { MongoClient } from 'mongodb';
import { type ClockworkService, startApi, startService } from '../support/clockwork-service.js';

const YES = { status: 200, text: '{"status":"yes"}' };
const NO = { status: 503, text: '{"status":"no"}' };

let service: ClockworkService;

beforeAll(async () => {
  service = await startService();
});

afterAll(() => service.stop());

describe.each(['/health/live', '/health/ready'])('%s', (path) => {
  test('says yes to anybody, and nothing more', async () => {
    const answer = await service.request(path);
    expect(answer).toMatchObject(YES);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  test('says the same to a wrong key', async () => {
    expect(await service.request(path, { key: 'wrong' })).toMatchObject(YES);
  });

  test('is never taken from a cache', async () => {
    expect((await service.request(path)).headers['cache-control']).toBe('no-store');
  });

  test('answers HEAD', async () => {
    expect(await service.request(path, { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });
});

test('without an index /health/ready says no, and /health/live yes; a start makes it anew', async () => {
  const client = await MongoClient.connect(String(service.environment['MONGODB_URI']));
  try {
    for (const { name } of (await client.db().collection('nodes').indexes()).filter((index) => index.name !== '_id_')) {
      await client.db().collection('nodes').dropIndex(String(name));
      const answer = await service.request('/health/ready');
      expect(answer).toMatchObject(NO);
      expect(answer.headers['retry-after']).toBe('1');
      expect(await service.request('/health/live')).toMatchObject(YES);

      const again = await startApi(service.environment);
      expect(await service.request('/health/ready')).toMatchObject(YES);
      again.process.child.kill('SIGTERM');
      await again.process.ended;
    }
  } finally {
    await client.close();
  }
});
