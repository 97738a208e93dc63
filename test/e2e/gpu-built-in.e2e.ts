import { type Db, MongoClient } from 'mongodb';
import { type ClockworkService, newDatabase, startApi, startService } from '../support/clockwork-service.js';
import { sendRequest } from '../support/api-client.js';
import { jsonLines } from '../support/json-lines.js';

// The examples of the documentation.
const RTX8000 = { name: 'rtx8000', vendor: 'nvidia', ram: 48, cuda_cores: 4608, tensor_cores: 576, tflops_fp32: 16.3 };
const V100 = { name: 'v100', vendor: 'nvidia', ram: 16, cuda_cores: 5120, tensor_cores: 640, tflops_fp32: 15.7 };

interface ListedGpu {
  cw_name: string;
  ram: number | null;
}

let service: ClockworkService;
let client: MongoClient;
let database: Db;
let key: string;

beforeAll(async () => {
  service = await startService();
  client = await MongoClient.connect(String(service.environment['MONGODB_URI']));
  database = client.db();
  key = await service.keyOf('ada@mila.quebec');
});

afterAll(async () => {
  await client.close();
  await service.stop();
});

async function list(url = service.url): Promise<ListedGpu[]> {
  return (await sendRequest(url, '/gpu/list', { key })).body as ListedGpu[];
}

async function one(name: string): Promise<unknown> {
  return (await service.request(`/gpu/one?gpu_name=${name}`, { key })).body;
}

/** What another process finds that starts on the same database. */
async function restarted(): Promise<ListedGpu[]> {
  const api = await startApi(service.environment);
  try {
    return await list(api.url);
  } finally {
    await api.stop();
  }
}

const settings = () => database.collection<{ _id: string; revision: number; names: string[] }>('settings');
/** As a version of Clockwork would have left it that had other GPUs. */
const asFilledBy = (revision: number, names?: string[]) =>
  settings().updateOne({ _id: 'built_in_gpus' }, { $set: { revision, ...(names === undefined ? {} : { names }) } });
/** What each write makes another; the series is made another by each start of an API. */
const version = async () =>
  database.collection('versions').findOne({ _id: 'gpu' as never }, { projection: { series: 0 } });

test('a new database has the GPUs that clusters have, those of the documentation as they are there', async () => {
  const names = (await list()).map(({ cw_name }) => cw_name);
  for (const name of ['rtx8000', 'v100', 'a100', 'a100l', 'h100', 'l40s', 'b200', 'mi250x', 'mi300x', 'a100_3g.20gb']) {
    expect(names).toContain(name);
  }
  expect(new Set(names).size).toBe(names.length);
  expect(await one('rtx8000')).toEqual(RTX8000);
  expect(await one('v100')).toEqual(V100);
});

test('what marks them is shown nowhere', async () => {
  const lists = await Promise.all(
    [{}, { Accept: 'application/x-ndjson' }].map((headers) => service.request('/gpu/list', { key, headers })),
  );
  for (const { text } of lists) expect(text).not.toMatch(/built|_id/);
  expect(Object.keys((await list())[0] ?? {})).toEqual(['cw_name', ...Object.keys(RTX8000)]);
});

test('an import that says the same changes nothing, and is no import of its own', async () => {
  const before = await version();
  const { stdout } = await service.cli(['import', '-'], JSON.stringify({ gpu: [{ cw_name: 'rtx8000', ...RTX8000 }] }));
  expect(JSON.parse(stdout)).toMatchObject({ gpu: { added: 0, changed: 0, unchanged: 1 } });
  expect(await version()).toEqual(before);
  expect((await service.cli(['export', 'gpu'])).stdout).toBe('');
});

test('an import overrides one, is exported, and stays over restarts and upgrades', async () => {
  const own = { cw_name: 'v100', ...V100, ram: 32 };
  const { stdout } = await service.cli(['import', '-'], JSON.stringify({ gpu: [own] }));
  expect(JSON.parse(stdout)).toMatchObject({ gpu: { added: 1, changed: 0, unchanged: 0 } });
  expect(await one('v100')).toEqual({ ...V100, ram: 32 });
  expect(jsonLines((await service.cli(['export', 'gpu'])).stdout)).toEqual([{ gpu: own }]);
  await asFilledBy(0);
  expect((await restarted()).find(({ cw_name }) => cw_name === 'v100')?.ram).toBe(32);
  // What the built-in one says makes it the built-in one again.
  await service.load({ gpu: [{ cw_name: 'v100', ...V100 }] });
  expect((await service.cli(['export', 'gpu'])).stdout).toBe('');
});

test('an upgrade renews those that nobody has imported, and no others', async () => {
  const gpus = database.collection('gpu');
  await service.load({
    gpu: [
      { cw_name: 'l40s', ram: 1 },
      { cw_name: 'own', ram: 2 },
    ],
  });
  // As an older version had them: other figures, one that is no more, one that was not yet.
  await gpus.updateOne({ cw_name: 'h100' }, { $set: { ram: 79 } });
  await gpus.insertOne({ cw_name: 'h99', name: 'h99', ram: 9, built_in: true });
  await gpus.deleteOne({ cw_name: 'b200' });
  // An imported one that was equal, before there were built-in ones.
  await gpus.updateOne({ cw_name: 'a40' }, { $unset: { built_in: 1 } });
  // Somebody has taken one out.
  await gpus.deleteOne({ cw_name: 'k80' });
  const names = (await settings().findOne({ _id: 'built_in_gpus' }))?.names ?? [];
  await asFilledBy(
    0,
    names.filter((name) => name !== 'b200'),
  );
  const ram = new Map((await restarted()).map((gpu) => [gpu.cw_name, gpu.ram]));
  expect(Object.fromEntries(['l40s', 'own', 'h100', 'b200', 'a40'].map((name) => [name, ram.get(name)]))).toEqual({
    l40s: 1,
    own: 2,
    h100: 80,
    b200: 180,
    a40: 48,
  });
  expect([...ram.keys()]).not.toContain('h99');
  expect([...ram.keys()]).not.toContain('k80');
  const own = jsonLines((await service.cli(['export', 'gpu'])).stdout) as { gpu: ListedGpu }[];
  expect(own.map(({ gpu }) => gpu.cw_name)).toEqual(['l40s', 'own']);
});

test('an upgrade works out the GPUs of nodes anew', async () => {
  const slurm = { cluster_name: 'late', name: 'n1', gres: 'gpu:nvidia_a30:2' };
  await service.load({ nodes: [{ slurm }] });
  await database
    .collection('nodes')
    .updateOne({ 'slurm.name': 'n1' }, { $set: { cw: { gpu: { cw_name: 'nvidia_a30', number: 2 } } } });
  await asFilledBy(0);
  await restarted();
  expect((await service.request('/nodes/one?name=n1', { key })).body).toMatchObject({
    cw: { gpu: { cw_name: 'a30' } },
  });
});

test('a start where nothing is new writes nothing, and one of an older version undoes nothing', async () => {
  await database.collection('gpu').updateOne({ cw_name: 'h100' }, { $set: { ram: 79 } });
  const before = await version();
  for (const revision of [1, 2]) {
    await asFilledBy(revision);
    expect((await restarted()).find(({ cw_name }) => cw_name === 'h100')?.ram).toBe(79);
  }
  expect(await version()).toEqual(before);
  expect((await settings().findOne({ _id: 'built_in_gpus' }))?.revision).toBe(2);
});

test('several processes that start at once on a new database fill it once', async () => {
  const environment = { ...service.environment, MONGODB_URI: newDatabase() };
  const apis = await Promise.all([1, 2, 3].map(() => startApi(environment)));
  try {
    const found = await MongoClient.connect(environment.MONGODB_URI);
    const names = (await found.db().collection('gpu').find().toArray()).map((gpu) => String(gpu['cw_name']));
    await found.close();
    expect(names.length).toBeGreaterThan(50);
    expect(new Set(names).size).toBe(names.length);
  } finally {
    await Promise.all(apis.map((api) => api.stop()));
  }
});
