import { startService } from '../support/clockwork-service.js';
test('smoke', async () => {
  const service = await startService();
  const key = await service.keyOf('a@example.org');
  const answer = await service.request('/jobs/list', { key });
  expect(answer.body).toEqual([]);
  expect((await service.request('/jobs/list')).status).toBe(401);
  expect((await service.request('/jobs/one', { key })).status).toBe(400);
  await service.stop();
});
