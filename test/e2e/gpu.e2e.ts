import { type ClockworkService, startService } from '../support/clockwork-service.js';
import { expectProblem } from '../support/problem-details.js';

// The examples of the documentation.
const RTX8000 = { name: 'rtx8000', vendor: 'nvidia', ram: 48, cuda_cores: 4608, tensor_cores: 576, tflops_fp32: 16.3 };
const V100 = { name: 'v100', vendor: 'nvidia', ram: 16, cuda_cores: 5120, tensor_cores: 640, tflops_fp32: 15.7 };
const NOTHING_KNOWN = { vendor: null, ram: null, cuda_cores: null, tensor_cores: null, tflops_fp32: null };

let service: ClockworkService;
let key: string;

beforeAll(async () => {
  service = await startService();
  key = await service.keyOf('ada@mila.quebec');
});

afterAll(() => service.stop());

function list() {
  return service.request('/gpu/list', { key });
}

function one(name: string) {
  return service.request(`/gpu/one?gpu_name=${encodeURIComponent(name)}`, { key });
}

describe('gpu/list', () => {
  test("gives the documentation's example: cw_name, then the six fields, in this order", async () => {
    await service.load({
      gpu: [
        { cw_name: 'v100', ...V100 },
        { cw_name: 'rtx8000', ...RTX8000 },
      ],
    });
    const { text } = await list();
    for (const gpu of [RTX8000, V100]) expect(text).toContain(JSON.stringify({ cw_name: gpu.name, ...gpu }));
    expect(text).toMatch(/^\[\{.*\}\]$/);
  });

  test("is in the order of cw_name's code points", async () => {
    const names = ['A100', 'Z', 'a100', 'h10', 'h9', 'é', '\uFB00', '\u{1D4B3}'];
    await service.load({ gpu: names.toReversed().map((cw_name) => ({ cw_name })) });
    const listed = ((await list()).body as { cw_name: string }[]).map(({ cw_name }) => cw_name);
    expect(listed.filter((name) => names.includes(name))).toEqual(names);
  });

  test('ignores parameters', async () => {
    const { text } = await list();
    expect((await service.request('/gpu/list?gpu_name=v100&gpu_name=&cluster_name=', { key })).text).toBe(text);
  });

  test('is the same for a user who may see no cluster', async () => {
    await service.load({ users: [{ mila_email_username: 'bob@mila.quebec', clusters: [] }] });
    const bobs = (await service.cli(['keys', 'create', 'bob@mila.quebec'])).stdout.trim();
    expect((await service.request('/gpu/list', { key: bobs })).text).toBe((await list()).text);
  });
});

describe('gpu/one', () => {
  test("gives the documentation's example: the six fields alone, in this order", async () => {
    const answer = await one('rtx8000');
    expect(answer).toMatchObject({ status: 200, body: RTX8000 });
    expect(answer.text).toBe(JSON.stringify(RTX8000));
  });

  test('goes by cw_name, not by name', async () => {
    await service.load({ gpu: [{ ...V100, cw_name: 'volta', name: 'tesla_v100' }] });
    expect((await one('volta')).body).toEqual({ ...V100, name: 'tesla_v100' });
    expect((await one('tesla_v100')).text).toBe('{}');
  });

  test('compares names exactly', async () => {
    for (const name of ['V100', 'v10', 'v1000', '.*', ' v100']) expect((await one(name)).text).toBe('{}');
    expect((await one('\u{1D4B3}')).body).toEqual({ name: '\u{1D4B3}', ...NOTHING_KNOWN });
  });

  test('of an unknown GPU is {}', async () => {
    expect(await one('abacus')).toMatchObject({ status: 200, text: '{}' });
  });

  test('without a gpu_name is 400', async () => {
    expectProblem(await service.request('/gpu/one', { key }), 400, /^gpu_name: is needed/);
  });
});

describe('numbers', () => {
  test('are as they were given: ram and tflops_fp32 with a fraction or without, the core counts integers', async () => {
    const fields = '"vendor":"x","ram":11.5,"cuda_cores":4352,"tensor_cores":0,"tflops_fp32":13.450000000000001';
    const { code } = await service.cli(['import', '-'], `{"gpu":[{"cw_name":"n","name":"n",${fields}}]}`);
    expect(code).toBe(0);
    expect((await one('n')).text).toBe(`{"name":"n",${fields}}`);
  });

  test('a count that a spreadsheet wrote as 4608.0 is the integer', async () => {
    const { code } = await service.cli(
      ['import', '-'],
      '{"gpu":[{"cw_name":"s","cuda_cores":4608.0,"tensor_cores":576.0}]}',
    );
    expect(code).toBe(0);
    expect((await one('s')).text).toContain('"cuda_cores":4608,"tensor_cores":576,');
  });

  test('that are unknown are null, and so is an unknown vendor', async () => {
    await service.load({ gpu: [{ cw_name: 'mystery' }] });
    expect((await one('mystery')).body).toEqual({ name: 'mystery', ...NOTHING_KNOWN });
  });

  test.each([
    ['ram', '"48"'],
    ['ram', '-1'],
    ['cuda_cores', '4608.5'],
    ['tensor_cores', 'true'],
    ['tflops_fp32', '[16.3]'],
  ])('%s: %s is no number that an import takes', async (field, value) => {
    const answer = await service.cli(['import', '-'], `{"gpu":[{"cw_name":"bad","${field}":${value}}]}`);
    expect(answer.code).toBe(1);
    expect(answer.stderr).toMatch(new RegExp(`gpu.*1.*${field}`));
    expect((await one('bad')).text).toBe('{}');
  });
});

test('importing a GPU again replaces it', async () => {
  await service.load({ gpu: [{ cw_name: 'v100', ...V100, ram: 32 }] });
  expect((await one('v100')).body).toEqual({ ...V100, ram: 32 });
  expect(((await list()).body as { cw_name: string }[]).filter(({ cw_name }) => cw_name === 'v100')).toHaveLength(1);
});
