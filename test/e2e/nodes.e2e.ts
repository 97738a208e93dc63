import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { expectProblem } from '../support/problem-details.js';

interface Node {
  slurm: { name: string; cluster_name: string };
  cw: object;
}

// The examples of the documentation.
const BELUGA_NODE = {
  slurm: {
    name: 'blg4118',
    arch: 'x86_64',
    features: 'skylake',
    gres: null,
    addr: 'blg4118',
    memory: '191000',
    state: 'ALLOCATED',
    cfg_tres: 'cpu=40,mem=191000M,billing=46',
    alloc_tres: 'cpu=40,mem=160000M',
    cluster_name: 'beluga',
  },
  cw: {},
};
const MILA_NODE = {
  slurm: {
    name: 'cn-a002',
    arch: 'x86_64',
    features: 'broadwell',
    gres: null,
    addr: 'cn-a002',
    memory: '128000',
    state: 'ALLOCATED',
    cfg_tres: 'cpu=32,mem=125G,billing=32',
    alloc_tres: 'cpu=32,mem=122528M',
    comment: null,
    cluster_name: 'mila',
  },
  cw: {},
};
const RTX8000 = { name: 'rtx8000', vendor: 'nvidia', ram: 48, cuda_cores: 4608, tensor_cores: 576, tflops_fp32: 16.3 };
const A100 = { name: 'tesla_a100', vendor: 'nvidia', ram: 80, cuda_cores: 6912, tensor_cores: 432, tflops_fp32: 19.5 };

/** Each form of `gres`, and what is worked out of it. The catalogue has rtx8000, and a100 whose name is tesla_a100. */
const GRES: [gres: string | null, cw: object][] = [
  [null, {}],
  ['', {}],
  ['(null)', {}],
  ['tmpdisk:500,license:2', {}],
  ['gpu:0', {}],
  ['gpu:rtx8000:0', {}],
  ['gpuless:3', {}],
  ['gpu', { gpu: { cw_name: null, number: 1 } }],
  ['gpu:2', { gpu: { cw_name: null, number: 2 } }],
  ['gpu:2(S:0-1)', { gpu: { cw_name: null, number: 2 } }],
  ['gpu:rtx8000', { gpu: { cw_name: 'rtx8000', number: 1 } }],
  ['gpu:rtx8000:8', { gpu: { cw_name: 'rtx8000', number: 8 } }],
  ['gpu:rtx8000:8(S:0-1)', { gpu: { cw_name: 'rtx8000', number: 8 } }],
  ['gpu:rtx8000:2(IDX:0,3)', { gpu: { cw_name: 'rtx8000', number: 2 } }],
  ['gpu:rtx8000:no_consume:2', { gpu: { cw_name: 'rtx8000', number: 2 } }],
  ['tmpdisk:500,gpu:rtx8000:1,license:2', { gpu: { cw_name: 'rtx8000', number: 1 } }],
  ['gpu:rtx8000:2(S:0),gpu:rtx8000:3(S:1)', { gpu: { cw_name: 'rtx8000', number: 5 } }],
  ['gpu:tesla_a100:4', { gpu: { cw_name: 'a100', number: 4 } }],
  ['gpu:a100:4', { gpu: { cw_name: 'a100', number: 4 } }],
  ['gpu:a100:1,gpu:tesla_a100:2', { gpu: { cw_name: 'a100', number: 3 } }],
  ['gpu:h100:4', { gpu: { cw_name: 'h100', number: 4 } }],
  ['gpu:h900:4', { gpu: { cw_name: 'h900', number: 4 } }],
  ['gpu:1g.10gb:7', { gpu: { cw_name: '1g.10gb', number: 7 } }],
  [
    'gpu:v100:2,gpu:rtx8000:1',
    {
      gpu: { cw_name: 'v100', number: 2 },
      gpus: [
        { cw_name: 'v100', number: 2 },
        { cw_name: 'rtx8000', number: 1 },
      ],
    },
  ],
  [
    'gpu:rtx8000:1(S:0),gpu:v100:2,gpu:rtx8000:1(S:1)',
    {
      gpu: { cw_name: 'rtx8000', number: 2 },
      gpus: [
        { cw_name: 'rtx8000', number: 2 },
        { cw_name: 'v100', number: 2 },
      ],
    },
  ],
];
/** In the order of their code points, which is not that of UTF-16 (the last two), of any language, or of numbers. */
const NAMES_IN_ORDER = ['CN-A', 'Z', 'a', 'cn-10', 'cn-2', 'cn-2a', 'z', 'é', '\uFB00', '\u{1D4B3}'];

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@mila.quebec');
  const gpu = [
    { cw_name: 'rtx8000', ...RTX8000 },
    { cw_name: 'a100', ...A100 },
  ];
  const named = (cluster_name: string, name: string, more: object = {}) => ({
    slurm: { name, cluster_name, ...more },
    cw: {},
  });
  const nodes = [
    MILA_NODE,
    BELUGA_NODE,
    ...GRES.map(([gres], index) => named('gres', `g${index}`, { gres })),
    ...NAMES_IN_ORDER.toReversed().map((name) => named('order', name)),
    ...['graham', 'cedar', 'narval'].map((cluster) => named(cluster, 'shared', { gres: `gpu:rtx8000:1` })),
  ];
  // The catalogue comes after the nodes: what was worked out of gres is worked out anew.
  await service.load({ nodes });
  await service.load({ gpu });
});

afterAll(() => service.stop());

async function list(queryString: string, withKey = key): Promise<Node[]> {
  const answer = await service.request(`/nodes/list${queryString}`, { key: withKey });
  expect(answer.status).toBe(200);
  return answer.body as Node[];
}

function one(queryString: string, withKey = key) {
  return service.request(`/nodes/one?${queryString}`, { key: withKey });
}

function gpuOf(queryString: string, withKey = key) {
  return service.request(`/nodes/one/gpu?${queryString}`, { key: withKey });
}

function nodeOf(gres: string): string {
  return `g${GRES.findIndex(([text]) => text === gres)}`;
}

describe('nodes/list', () => {
  test("gives the documentation's example", async () => {
    expect(await list('?cluster_name=beluga')).toEqual([BELUGA_NODE]);
  });

  test('gives the fields of slurm as they were given, in their order', async () => {
    const { text } = await service.request('/nodes/list?cluster_name=beluga', { key });
    expect(text).toBe(JSON.stringify([BELUGA_NODE]));
  });

  test('gives slurm and cw, and nothing else', async () => {
    for (const node of await list('')) expect(Object.keys(node)).toEqual(['slurm', 'cw']);
  });

  test('gives all nodes without a parameter', async () => {
    expect(await list('')).toHaveLength(2 + GRES.length + NAMES_IN_ORDER.length + 3);
  });

  test('is in the order of cluster, then name', async () => {
    const clusters = (await list('')).map(({ slurm }) => slurm.cluster_name);
    expect([...new Set(clusters)]).toEqual(['beluga', 'cedar', 'graham', 'gres', 'mila', 'narval', 'order']);
    expect(clusters).toEqual(clusters.toSorted());
  });

  test("is in the order of the names' code points", async () => {
    expect((await list('?cluster_name=order')).map(({ slurm }) => slurm.name)).toEqual(NAMES_IN_ORDER);
  });

  test('takes several clusters, comma-separated: any of them', async () => {
    const nodes = await list('?cluster_name=mila,beluga,nowhere,mila');
    expect(nodes).toEqual([BELUGA_NODE, MILA_NODE]);
  });

  test('of an unknown cluster is empty', async () => {
    expect(await list('?cluster_name=nowhere')).toEqual([]);
    expect(await list('?cluster_name=Mila')).toEqual([]);
  });

  test('keeps numbers as they were given', async () => {
    const slurm = '{"name":"n1","cluster_name":"numbers","cpus":40,"load":1.0,"weight":18446744073709551615,"e":1e3}';
    const { code } = await service.cli(['import', '-'], `{"nodes":[{"slurm":${slurm}}]}`);
    expect(code).toBe(0);
    const { text } = await service.request('/nodes/list?cluster_name=numbers', { key });
    expect(text).toBe(`[{"slurm":${slurm.replace('1e3', '1000.0')},"cw":{}}]`);
  });
});

describe('cw.gpu is worked out of gres:', () => {
  test.each(GRES)('%j is %j', async (gres, cw) => {
    const { body } = await one(`name=g${GRES.findIndex(([text]) => text === gres)}&cluster_name=gres`);
    expect(body).toMatchObject({ slurm: { gres } });
    expect((body as Node).cw).toEqual(cw);
  });

  test('a node that has no gres has an empty cw', async () => {
    expect(((await one('name=Z&cluster_name=order')).body as Node).cw).toEqual({});
  });

  test("a type is looked up as cw_name before it is as another's name", async () => {
    const gpu = { vendor: null, ram: null, cuda_cores: null, tensor_cores: null, tflops_fp32: null };
    const slurm = { name: 'n1', cluster_name: 'both', gres: 'gpu:k80:1' };
    await service.load({ nodes: [{ slurm }], gpu: [{ ...gpu, cw_name: 'a_k80', name: 'k80' }] });
    expect((await one('name=n1&cluster_name=both')).body).toMatchObject({ cw: { gpu: { cw_name: 'a_k80' } } });
    await service.load({ gpu: [{ ...gpu, cw_name: 'k80', name: 'tesla_k80' }] });
    expect((await one('name=n1&cluster_name=both')).body).toMatchObject({ cw: { gpu: { cw_name: 'k80' } } });
  });

  test('a node that is imported after the catalogue has it too, and one whose gres changes', async () => {
    const slurm = { name: 'n1', cluster_name: 'late', gres: 'gpu:tesla_a100:2' };
    await service.load({ nodes: [{ slurm }] });
    expect((await one('name=n1&cluster_name=late')).body).toMatchObject({
      cw: { gpu: { cw_name: 'a100', number: 2 } },
    });
    await service.load({ nodes: [{ slurm: { ...slurm, gres: null } }] });
    expect(((await one('name=n1&cluster_name=late')).body as Node).cw).toEqual({});
  });

  test('what an import says of cw is not taken', async () => {
    const cw = { gpu: { cw_name: 'gold', number: 99 } };
    await service.load({ nodes: [{ slurm: { name: 'n1', cluster_name: 'liar', gres: null }, cw }] });
    expect(((await one('name=n1&cluster_name=liar')).body as Node).cw).toEqual({});
  });
});

describe('nodes/one', () => {
  test("gives the documentation's example", async () => {
    const answer = await one('name=cn-a002&cluster_name=mila');
    expect(answer).toMatchObject({ status: 200, body: MILA_NODE });
    expect(answer.text).toBe(JSON.stringify(MILA_NODE));
  });

  test('takes node_name for name', async () => {
    expect((await one('node_name=cn-a002')).body).toEqual(MILA_NODE);
  });

  test('needs no cluster_name where the name is unique', async () => {
    expect((await one('name=blg4118')).body).toEqual(BELUGA_NODE);
  });

  test('compares names exactly', async () => {
    for (const name of ['CN-A002', 'cn-a00', 'cn-a0021', 'cn-a002%20', '.*', 'cn-a%2A']) {
      expect(await one(`name=${name}`)).toMatchObject({ status: 200, body: {} });
    }
    expect((await one(`name=${encodeURIComponent('\u{1D4B3}')}`)).body).toMatchObject({ slurm: { name: '\u{1D4B3}' } });
  });

  test('without a name is 400', async () => {
    expectProblem(await one('cluster_name=mila'), 400, /^name: is needed/);
  });

  test('of an unknown node, or one on another cluster, is {}', async () => {
    expect(await one('name=nobody')).toMatchObject({ status: 200, body: {}, text: '{}' });
    expect((await one('name=cn-a002&cluster_name=beluga')).text).toBe('{}');
  });

  test('that matches more than one is 500, whose detail says how many and which clusters', async () => {
    expectProblem(await one('name=shared'), 500, /^3 nodes .*cedar, graham, narval.*cluster_name/);
    expectProblem(await one('name=shared&cluster_name=narval,cedar,mila'), 500, /^2 nodes .*cedar, narval/);
    expect((await one('name=shared&cluster_name=cedar,mila')).body).toMatchObject({ slurm: { cluster_name: 'cedar' } });
  });
});

describe('nodes/one/gpu', () => {
  test('gives the six fields of the GPU, without cw_name', async () => {
    const answer = await gpuOf(`name=${nodeOf('gpu:rtx8000:8')}`);
    expect(answer).toMatchObject({ status: 200, body: RTX8000 });
    expect(answer.text).toBe(JSON.stringify(RTX8000));
  });

  test('takes node_name for name, and a cluster_name', async () => {
    expect((await gpuOf('node_name=shared&cluster_name=cedar')).body).toEqual(RTX8000);
  });

  test("finds a GPU by the name that Slurm's report has", async () => {
    expect((await gpuOf(`name=${nodeOf('gpu:tesla_a100:4')}`)).body).toEqual(A100);
  });

  test.each<[string, () => string]>([
    ['the node is unknown', () => 'name=nobody'],
    ['the node is on another cluster', () => 'name=shared&cluster_name=mila'],
    ['the node has no GPU', () => 'name=cn-a002'],
    ['the node has a GPU of no type', () => `name=${nodeOf('gpu:2')}`],
    ['the GPU is not in the catalogue', () => `name=${nodeOf('gpu:h900:4')}`],
  ])('is {} where %s', async (_, queryString) => {
    expect(await gpuOf(queryString())).toMatchObject({ status: 200, text: '{}' });
  });

  test('without a name is 400', async () => {
    expectProblem(await gpuOf('cluster_name=mila'), 400, /^name: is needed/);
  });

  test('that matches more than one node is 500, whose detail says how many and which clusters', async () => {
    expectProblem(await gpuOf('name=shared'), 500, /^3 nodes .*cedar, graham, narval.*cluster_name/);
  });
});

describe('a user with a list of clusters', () => {
  let limited: string;
  let nobody: string;
  beforeAll(async () => {
    limited = await service.keyOf('bob@mila.quebec', ['--clusters', 'cedar,mila', '--admin']);
    await service.load({ users: [{ mila_email_username: 'carol@mila.quebec', clusters: [] }] });
    nobody = (await service.cli(['keys', 'create', 'carol@mila.quebec'])).stdout.trim();
  });

  test('sees in nodes/list what lies in it, whatever they ask for, an admin too', async () => {
    expect(new Set((await list('', limited)).map(({ slurm }) => slurm.cluster_name))).toEqual(
      new Set(['cedar', 'mila']),
    );
    expect(await list('?cluster_name=beluga', limited)).toEqual([]);
    expect(await list('?cluster_name=beluga,mila', limited)).toEqual([MILA_NODE]);
  });

  test('gets {} for a node outside it', async () => {
    expect((await one('name=blg4118', limited)).text).toBe('{}');
    expect((await one('name=shared&cluster_name=narval', limited)).text).toBe('{}');
    expect((await gpuOf('name=shared&cluster_name=narval', limited)).text).toBe('{}');
  });

  test('is told of no node outside it where several have the name', async () => {
    expect((await one('name=shared', limited)).body).toMatchObject({ slurm: { cluster_name: 'cedar' } });
    expect((await gpuOf('name=shared', limited)).body).toEqual(RTX8000);
  });

  test('sees nothing where it is empty', async () => {
    expect(await list('', nobody)).toEqual([]);
    expect((await one('name=cn-a002', nobody)).text).toBe('{}');
    expect((await gpuOf('name=shared', nobody)).text).toBe('{}');
  });
});
