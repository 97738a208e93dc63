import { type Db, MongoClient } from 'mongodb';
import { readConfiguration } from '#libs/common';
import { openDatabase } from '#libs/database';
import { GpuService } from '#libs/gpu';
import { fromPlainJson, type JsonObject, type PlainJson } from '#libs/json';
import { NodesService } from '#libs/nodes';
import { withServices } from '../../apps/cli/session.js';
import { newDatabase } from '../support/clockwork-service.js';

let nodes: NodesService;
let gpus: GpuService;
let database: Db;
let close: () => Promise<void>;

beforeAll(async () => {
  const environment = { ...process.env, MONGODB_URI: newDatabase(), LOG_LEVEL: 'silent' };
  const configuration = readConfiguration(environment);
  const client = await MongoClient.connect(environment.MONGODB_URI);
  database = client.db();
  const open = await openDatabase(configuration, () => undefined);
  await new Promise<void>((ready, failed) => {
    const ended = withServices(open, configuration, (services) => {
      nodes = services.get(NodesService);
      gpus = services.get(GpuService);
      return new Promise<void>((end) => {
        close = async () => {
          end();
          await ended;
          await open.close();
          await client.close();
        };
        ready();
      });
    });
    ended.catch(failed);
  });
  await database.command({ profile: 2 });
});

afterAll(() => close());

function node(cluster_name: string, name: string, more: Record<string, PlainJson> = {}): JsonObject {
  return fromPlainJson({ cluster_name, name, ...more }) as JsonObject;
}

const nameOf = (index: number) => `n${String(index).padStart(3, '0')}`;
const many = (cluster: string, state: (index: number) => string, count = 200) =>
  Array.from({ length: count }, (_, index) =>
    node(cluster, nameOf(index), { state: state(index), gres: 'gpu:a100:4' }),
  );

async function stored(cluster: string): Promise<string[]> {
  const found = await database
    .collection('nodes')
    .find({ 'slurm.cluster_name': cluster })
    .sort({ 'slurm.name': 1 })
    .toArray();
  return found.map(({ slurm }) => (slurm as { name: string }).name);
}

async function stateOf(cluster: string, name: string): Promise<unknown> {
  const found = await database.collection('nodes').findOne({ 'slurm.cluster_name': cluster, 'slurm.name': name });
  return (found?.['slurm'] as { state: string } | undefined)?.state;
}

const version = () => database.collection('versions').findOne({ _id: 'nodes' as never });

/** The documents that a piece of work wrote, as the server counted them. */
async function writesDuring(work: () => Promise<unknown>): Promise<number> {
  const since = new Date();
  await work();
  const filter = {
    ns: `${database.databaseName}.nodes`,
    op: { $in: ['update', 'insert', 'remove'] },
    ts: { $gte: since },
  };
  return database.collection('system.profile').countDocuments(filter);
}

describe('NodesService.save', () => {
  it('adds, changes and leaves alone, and says how many', async () => {
    expect(await nodes.save(many('counted', () => 'IDLE'))).toEqual({ added: 200, changed: 0, unchanged: 0 });
    expect(await nodes.save(many('counted', () => 'IDLE'))).toEqual({ added: 0, changed: 0, unchanged: 200 });
    const next = many('counted', (index) => (index < 3 ? 'DOWN' : 'IDLE'), 201);
    expect(await nodes.save(next)).toEqual({ added: 1, changed: 3, unchanged: 197 });
    expect(await stateOf('counted', nameOf(2))).toBe('DOWN');
    expect(await stateOf('counted', nameOf(3))).toBe('IDLE');
    expect(await stored('counted')).toHaveLength(201);
  });

  it('writes what changed and nothing else', async () => {
    await nodes.save(many('written', () => 'IDLE'));
    expect(await writesDuring(() => nodes.save(many('written', (index) => (index < 3 ? 'DOWN' : 'IDLE'))))).toBe(3);
  });

  it('leaves the version of the nodes where it is if nothing changed', async () => {
    await nodes.save(many('still', () => 'IDLE'));
    const before = await version();
    expect(await writesDuring(() => nodes.save(many('still', () => 'IDLE')))).toBe(0);
    expect(await version()).toEqual(before);
    await nodes.save([node('still', 'one-more')]);
    expect(await version()).not.toEqual(before);
  });

  it('takes no node at all', async () => {
    expect(await nodes.save([])).toEqual({ added: 0, changed: 0, unchanged: 0 });
  });

  it('of several records of one node keeps the last', async () => {
    const records = ['A', 'B', 'B', 'C'].map((state) => node('several', 'x', { state }));
    expect(await nodes.save(records)).toEqual({ added: 1, changed: 2, unchanged: 1 });
    expect(await stateOf('several', 'x')).toBe('C');
  });

  it('tells 1 from 1.0, and another order of fields', async () => {
    await nodes.save([node('exact', 'x', { load: 1, weight: 2 })]);
    expect(await nodes.save([node('exact', 'x', { weight: 2, load: 1 })])).toMatchObject({ changed: 1 });
    expect(await nodes.save([node('exact', 'x', { weight: 2, load: 1.5 })])).toMatchObject({ changed: 1 });
  });

  it('keeps nodes of one name on two clusters apart', async () => {
    expect(await nodes.save([node('left', 'x', { state: 'A' }), node('right', 'x', { state: 'B' })])).toMatchObject({
      added: 2,
    });
    expect([await stateOf('left', 'x'), await stateOf('right', 'x')]).toEqual(['A', 'B']);
  });

  it('works out the GPUs of a node anew where the catalogue has changed and the node has not', async () => {
    const record = node('catalogue', 'x', { gres: 'gpu:unheard_of:2' });
    await nodes.save([record]);
    await gpus.save(fromPlainJson({ cw_name: 'heard', name: 'unheard_of', vendor: null }) as JsonObject);
    expect(await nodes.save([record])).toEqual({ added: 0, changed: 1, unchanged: 0 });
    expect(await nodes.save([record])).toEqual({ added: 0, changed: 0, unchanged: 1 });
    const found = await database.collection('nodes').findOne({ 'slurm.cluster_name': 'catalogue' });
    expect(found?.['cw']).toEqual({ gpu: { cw_name: 'heard', number: 2 } });
  });

  it('adds a node once that several add at once', async () => {
    const readings = Array.from({ length: 8 }, () => many('at-once', () => 'IDLE', 50));
    await Promise.all(readings.map((reading) => nodes.save(reading)));
    expect(await stored('at-once')).toEqual(Array.from({ length: 50 }, (_, index) => nameOf(index)));
  });
});

describe('NodesService.refreshGpus', () => {
  it('writes the nodes whose GPUs are others now, and nothing where none are', async () => {
    await nodes.save([node('refreshed', 'x', { gres: 'gpu:later:1' }), ...many('refreshed', () => 'IDLE', 20)]);
    await nodes.refreshGpus();
    expect(await writesDuring(() => nodes.refreshGpus())).toBe(0);
    await gpus.save(fromPlainJson({ cw_name: 'sooner', name: 'later', vendor: null }) as JsonObject);
    expect(await writesDuring(() => nodes.refreshGpus())).toBe(1);
    const found = await database.collection('nodes').findOne({ 'slurm.cluster_name': 'refreshed', 'slurm.name': 'x' });
    expect(found?.['cw']).toEqual({ gpu: { cw_name: 'sooner', number: 1 } });
  });
});

describe('NodesService.removeOthers', () => {
  beforeEach(async () => {
    await nodes.save([...many('shrinks', () => 'IDLE', 5), ...many('stays', () => 'IDLE', 5)]);
  });

  it('removes what Slurm does not list any more, on that cluster alone', async () => {
    expect(await nodes.removeOthers('shrinks', new Set([nameOf(0), nameOf(3), 'new']))).toBe(3);
    expect(await stored('shrinks')).toEqual([nameOf(0), nameOf(3)]);
    expect(await stored('stays')).toHaveLength(5);
  });

  it('removes nothing where no node is named: an empty reading proves nothing', async () => {
    expect(await nodes.removeOthers('shrinks', new Set())).toBe(0);
    expect(await stored('shrinks')).toHaveLength(5);
  });

  it('writes nothing where none is gone', async () => {
    const before = await version();
    const names = new Set(Array.from({ length: 5 }, (_, index) => nameOf(index)));
    expect(await writesDuring(() => nodes.removeOthers('shrinks', names))).toBe(0);
    expect(await version()).toEqual(before);
  });
});
