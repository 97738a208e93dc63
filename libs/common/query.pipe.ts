import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { readQuery } from './query-parameters.js';

/** A query string as it came, not yet taken apart: what it may hold is for the route's query class to say. */
export class RawQuery {
  constructor(readonly text: string) {}
}

/** Gives each `@Query()` argument of a controller as an instance of its class, read and checked. */
@Injectable()
export class QueryPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type !== 'query' || metatype === undefined) return value;
    return readQuery(metatype as new () => object, value instanceof RawQuery ? value.text : '');
  }
}
