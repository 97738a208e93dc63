export { BsonJsonWriter, bsonToJson, EMPTY_OBJECT } from './bson-to-json.js';
export { bsonTextAt } from './bson-text-at.js';
export { JsonSyntaxError } from './json-errors.js';
export { OutputBuffers } from './output-buffers.js';
export { readJson } from './json-reader.js';
export {
  fromPlainJson,
  isInteger,
  isJsonNumber,
  isJsonObject,
  jsonEqual,
  toNumber,
  type JsonObject,
  type JsonValue,
  type PlainJson,
} from './json-value.js';
