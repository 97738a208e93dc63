import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { KeyScope } from './api-key.schema.js';
import type { UserNames } from './user-names.js';

/** Who asks, as their key says. */
export interface Caller extends UserNames {
  mila_email_username: string;
  admin: boolean;
  /** The public part of the key that they came with. */
  keyId: string;
  scope: KeyScope;
  /** The clusters that they may see; null: all. */
  clusters: readonly string[] | null;
}

/** A controller's argument: who asks. The guard has put it on the request before any controller runs. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => callerOf(context));

export function callerOf(context: ExecutionContext): Caller {
  return context.switchToHttp().getRequest<{ user: Caller }>().user;
}

/**
 * A filter on a cluster's name: those asked for, less those that the caller may not see.
 * @returns null where neither limits anything
 */
export function visibleClusters(caller: Caller, asked: readonly string[] | undefined): readonly string[] | null {
  if (caller.clusters === null) return asked ?? null;
  const visible = caller.clusters;
  return asked === undefined ? visible : asked.filter((cluster) => visible.includes(cluster));
}
