import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { badRequest } from './problem.js';
import { decodePairs, quote, type Pairs } from './url-encoding.js';

export interface QueryParameterOptions {
  /** Several values, comma-separated; the property is then a list of strings. */
  list?: boolean;
  /** This parameter is another name for that one, which alone appears in the result. */
  aliasOf?: string;
  required?: boolean;
  description: string;
  /** What the page at /docs fills in: for a parameter that is needed, since a filter left as filled in finds nothing. */
  example?: string;
  schema?: Pick<ApiPropertyOptions, 'enum' | 'pattern' | 'minimum' | 'maximum' | 'format'>;
}

/** As JSON Schema has it: a parameter that is text may hold anything but NUL. */
export const TEXT_PATTERN = '^[^\\u0000]+$';
const ITEMS = '^[^,\\u0000]+(,[^,\\u0000]+)*$';

type Constructor = new () => object;
const declared = new WeakMap<object, Map<string, QueryParameterOptions>>();

/** Declares a property of a query class as a parameter of its route: how it is read, and what OpenAPI says of it. */
export function QueryParameter(options: QueryParameterOptions): PropertyDecorator {
  return (prototype, property) => {
    const parameters = declared.get(prototype) ?? new Map<string, QueryParameterOptions>();
    declared.set(prototype, parameters.set(String(property), options));
    const documentation = {
      type: String,
      minLength: 1,
      pattern: options.list === true ? ITEMS : TEXT_PATTERN,
      required: options.required ?? false,
      description: options.description,
      ...(options.example === undefined ? {} : { example: options.example }),
      ...options.schema,
    } as ApiPropertyOptions;
    ApiProperty(documentation)(prototype, property);
  };
}

/** The parameters of a query class, those of the classes it extends included. */
function parametersOf(target: Constructor): Map<string, QueryParameterOptions> {
  const all = new Map<string, QueryParameterOptions>();
  for (let prototype = target.prototype as object | null; prototype !== null; prototype = parent(prototype)) {
    for (const [name, options] of declared.get(prototype) ?? []) if (!all.has(name)) all.set(name, options);
  }
  return all;
}

function parent(prototype: object): object | null {
  return Object.getPrototypeOf(prototype) as object | null;
}

/**
 * Takes the known parameters out of what was sent. An unknown one is ignored, however often it is given; a known one
 * given twice, as an object (`user[$ne]=`), empty or with a NUL is the caller's mistake.
 * @throws Problem 400 that names the parameter
 */
export function singleValues(pairs: Pairs, known: ReadonlySet<string>): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    const bracket = name.indexOf('[');
    const base = bracket < 0 ? name : name.slice(0, bracket);
    if (!known.has(base)) continue;
    if (bracket >= 0) throw badRequest(`${base}: takes a plain value, not an object or a list (${quote(name)}).`);
    if (values.has(base)) throw badRequest(`${base}: was given more than once.`);
    if (value === '') throw badRequest(`${base}: was given, but is empty. Leave it out to not use it.`);
    if (value.includes('\0')) throw badRequest(`${base}: holds a NUL character.`);
    values.set(base, value);
  }
  return values;
}

/**
 * Reads a query string into an instance of a class whose properties are declared with QueryParameter and checked with
 * class-validator.
 * @throws Problem 400 that names the parameter
 */
export function readQuery<T extends object>(target: new () => T, queryString: string): T {
  const parameters = parametersOf(target);
  const sent = singleValues(decodePairs(queryString), new Set(parameters.keys()));
  const plain: Record<string, string | string[]> = {};
  for (const [name, { aliasOf, list }] of parameters) {
    const value = sent.get(name);
    if (value === undefined) continue;
    const property = aliasOf ?? name;
    const other = aliasOf === undefined ? undefined : sent.get(aliasOf);
    if (other !== undefined && other !== value) {
      throw badRequest(`${name} and ${property} are two names of one parameter, but were given different values.`);
    }
    plain[property] = list === true ? items(name, value) : value;
  }
  const instance = plainToInstance(target, plain);
  const [error] = validateSync(instance, { stopAtFirstError: true, forbidUnknownValues: false });
  if (error !== undefined) {
    const message = Object.values(error.constraints ?? {})[0] ?? 'is not valid';
    throw badRequest(`${nameSent(error.property, parameters, sent)}: ${message}.`);
  }
  return instance;
}

/** The name under which the caller gave a property: its own or that of an alias. */
function nameSent(
  property: string,
  parameters: ReadonlyMap<string, QueryParameterOptions>,
  sent: ReadonlyMap<string, string>,
): string {
  if (sent.has(property)) return property;
  const [alias] = [...parameters].find(([name, { aliasOf }]) => aliasOf === property && sent.has(name)) ?? [];
  return alias ?? property;
}

/** The items of a comma-separated value. */
function items(name: string, value: string): string[] {
  const list = value.split(',');
  if (list.includes('')) throw badRequest(`${name}: has an empty item between its commas (${quote(value)}).`);
  return [...new Set(list)];
}
