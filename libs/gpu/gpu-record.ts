import { type FieldError, fieldError } from '#libs/common';
import { fromPlainJson, isInteger, isJsonNumber, type JsonObject, type JsonValue, toNumber } from '#libs/json';
import { GPU_FIELDS } from './gpu.schema.js';

/**
 * Checks one GPU of an import and puts its fields in order, `null` for what is not known.
 * @returns the document to store, or what is wrong with which field
 */
export function gpuDocument(record: JsonObject): JsonObject | FieldError {
  const cwName = record.get('cw_name') ?? record.get('name') ?? null;
  if (typeof cwName !== 'string' || cwName === '') return fieldError('cw_name', 'a text is needed here, or in name');
  const document: JsonObject = new Map([['cw_name', cwName]]);
  for (const field of GPU_FIELDS) {
    const value = checked(field, record.get(field) ?? (field === 'name' ? cwName : null));
    if (value === undefined) return fieldError(field, `it must be ${EXPECTED[field]}, or null`);
    document.set(field, value);
  }
  return document;
}

type GpuField = (typeof GPU_FIELDS)[number];

const EXPECTED: Record<GpuField, string> = {
  name: 'a text',
  vendor: 'a text',
  ram: 'a number of GB, not negative',
  cuda_cores: 'an integer, not negative',
  tensor_cores: 'an integer, not negative',
  tflops_fp32: 'a number of TFLOPS, not negative',
};

function checked(field: GpuField, value: JsonValue): JsonValue | undefined {
  if (value === null) return field === 'name' ? undefined : null;
  switch (field) {
    case 'name':
    case 'vendor':
      return typeof value === 'string' ? value : undefined;
    case 'ram':
    case 'tflops_fp32':
      return isJsonNumber(value) && toNumber(value) >= 0 ? value : undefined;
    case 'cuda_cores':
    case 'tensor_cores': {
      if (!isJsonNumber(value) || toNumber(value) < 0) return undefined;
      if (isInteger(value)) return value;
      // A spreadsheet's 4608.0 is the integer that it says; `+ 0` makes -0.0 the 0 that it is.
      return Number.isSafeInteger(value.value) ? fromPlainJson(value.value + 0) : undefined;
    }
  }
}
