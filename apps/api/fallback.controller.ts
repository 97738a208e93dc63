import { All, Controller, Req } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';
import { AdminRoute, OpenRoute } from '#libs/auth';
import { ADMIN_BASE, API_BASE, badRequest, methodNotAllowed, notFound, type Problem } from '#libs/common';
import { isDecodable } from './request-path.js';

const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Takes what no other route under the base path takes. As a route of its own it stands behind the guard: without a
 * valid key nothing is told, not even what there is not.
 */
@ApiExcludeController()
@Controller(API_BASE)
export class FallbackController {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  @All(['', '*'])
  refuse(@Req() request: FastifyRequest): never {
    throw refusal(this.adapterHost, request);
  }
}

/** The same under the administrators' base path: who is none is not told either. */
@ApiExcludeController()
@AdminRoute()
@Controller(ADMIN_BASE)
export class AdminFallbackController {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  @All(['', '*'])
  refuse(@Req() request: FastifyRequest): never {
    throw refusal(this.adapterHost, request);
  }
}

/** The same for what lies outside the base paths, where nothing is secret. */
@ApiExcludeController()
@OpenRoute()
@Controller('/')
export class OpenFallbackController {
  constructor(private readonly adapterHost: HttpAdapterHost) {}

  @All(['', '*'])
  refuse(@Req() request: FastifyRequest): never {
    throw refusal(this.adapterHost, request);
  }
}

/** Routes with a value in their path are known by its name. */
function routeOf(url: string): string {
  return url
    .replace(new RegExp(`^(${ADMIN_BASE}/users)/[^/]+`), '$1/:email')
    .replace(new RegExp(`^(${ADMIN_BASE}/keys)/[^/]+`), '$1/:id');
}

function refusal(adapterHost: HttpAdapterHost, request: FastifyRequest): Problem {
  if (!isDecodable(request.originalUrl)) {
    return badRequest('path: a percent sign must be followed by two hexadecimal digits that make valid UTF-8.');
  }
  const server = adapterHost.httpAdapter.getInstance<FastifyInstance>();
  const url = request.url.split('?', 1)[0] ?? '';
  const takenHere = [API_BASE, ADMIN_BASE, '/'].includes(url) || url.endsWith('*');
  const allowed = takenHere ? [] : METHODS.filter((method) => server.hasRoute({ method, url: routeOf(url) }));
  if (allowed.length > 0) return methodNotAllowed(request.method, allowed);
  return notFound('There is nothing at this path. The API is described at /docs.');
}
