import { bsonToJson, readJson, type JsonObject } from '#libs/json';
import { isFieldError } from '#libs/common';
import { BSON } from 'mongodb';
import { gpuDocument } from './gpu-record.js';

function read(text: string): string {
  const document = gpuDocument(readJson(text, { maxDepth: 5 }) as JsonObject);
  return isFieldError(document)
    ? `${document.field}: ${document.message}`
    : bsonToJson(BSON.serialize(document)).toString();
}

describe('gpuDocument', () => {
  it('puts the fields in order, numbers as they were written', () => {
    const text =
      '{"tflops_fp32":16.3,"tensor_cores":576,"cuda_cores":4608,"ram":48.0,"vendor":"nvidia","name":"rtx8000","cw_name":"rtx","x":1}';
    expect(read(text)).toBe(
      '{"cw_name":"rtx","name":"rtx8000","vendor":"nvidia","ram":48.0,"cuda_cores":4608,"tensor_cores":576,"tflops_fp32":16.3}',
    );
  });

  it.each([
    ['{"name":"v100"}', '"cw_name":"v100","name":"v100"'],
    ['{"cw_name":"v100"}', '"cw_name":"v100","name":"v100"'],
    ['{"cw_name":null,"name":"v100"}', '"cw_name":"v100","name":"v100"'],
    ['{"cw_name":"v100","name":null}', '"cw_name":"v100","name":"v100"'],
  ])('takes the one name for the other: %s', (text, names) => {
    expect(read(text)).toBe(
      `{${names},"vendor":null,"ram":null,"cuda_cores":null,"tensor_cores":null,"tflops_fp32":null}`,
    );
  });

  it.each([
    ['4608.0', '4608'],
    ['0', '0'],
    ['-0.0', '0'],
    ['5000000000', '5000000000'],
    ['5000000000.0', '5000000000'],
    ['1e3', '1000'],
  ])('takes a core count of %s', (count, stored) => {
    expect(read(`{"name":"a","cuda_cores":${count}}`)).toContain(`"cuda_cores":${stored},`);
  });

  it.each([
    ['{}', 'cw_name'],
    ['{"cw_name":5}', 'cw_name'],
    ['{"cw_name":""}', 'cw_name'],
    ['{"name":5}', 'cw_name'],
    ['{"cw_name":"a","name":5}', 'name'],
    ['{"name":"a","vendor":["nvidia"]}', 'vendor'],
    ['{"name":"a","ram":"48"}', 'ram'],
    ['{"name":"a","ram":-1}', 'ram'],
    ['{"name":"a","ram":true}', 'ram'],
    ['{"name":"a","cuda_cores":4608.5}', 'cuda_cores'],
    ['{"name":"a","cuda_cores":-1}', 'cuda_cores'],
    ['{"name":"a","cuda_cores":1e300}', 'cuda_cores'],
    ['{"name":"a","tensor_cores":"576"}', 'tensor_cores'],
    ['{"name":"a","tflops_fp32":{}}', 'tflops_fp32'],
    ['{"name":"a","tflops_fp32":-0.5}', 'tflops_fp32'],
  ])('%s: says what is wrong with %s', (text, field) => {
    expect(read(text)).toMatch(new RegExp(`^${field}: (it must be|a text is needed)`));
  });
});
