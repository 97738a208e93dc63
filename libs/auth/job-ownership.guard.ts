import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { forbidden } from '#libs/common';
import { type Caller, callerOf } from './caller.js';
import { ownsJob, type UserNames } from './user-names.js';

/** Finds the one job that a request is about; the jobs module provides it. */
export abstract class RequestedJob {
  /**
   * The names of that job's owner.
   * @throws Problem 400 where the request does not say which job, 404 for none, 500 for several
   */
  abstract ownerNames(request: FastifyRequest, caller: Caller): Promise<UserNames>;
}

/** Lets through whoever owns the job that the request is about; an admin's key gives no right to others' jobs. */
@Injectable()
export class JobOwnershipGuard implements CanActivate {
  constructor(private readonly requestedJob: RequestedJob) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = callerOf(context);
    if (!ownsJob(caller, await this.requestedJob.ownerNames(request, caller))) throw notTheOwner();
    return true;
  }
}

export function notTheOwner(): Error {
  return forbidden('This job is not yours: only its owner can update its user dict.');
}
