import { isJsonObject, member } from './json-object.js';

it('finds what is in the document, not what every object inherits', () => {
  const document: unknown = JSON.parse('{"a": 1, "__proto__": {"b": 2}}');
  expect(member(document, 'a')).toBe(1);
  expect(member(document, '__proto__')).toEqual({ b: 2 });
  expect(member(document, 'b')).toBeUndefined();
  expect(member(document, 'constructor')).toBeUndefined();
  expect(member([1], 'length')).toBeUndefined();
  expect(member(null, 'a')).toBeUndefined();
});

it.each([null, undefined, [], 'text', 5])('%j is no JSON object', (value) => {
  expect(isJsonObject(value)).toBe(false);
});
