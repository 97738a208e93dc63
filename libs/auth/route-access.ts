import { SetMetadata } from '@nestjs/common';
import { forbidden, type Problem } from '#libs/common';
import type { Caller } from './caller.js';

export const ROUTE_ACCESS = 'clockwork:route-access';

/** Who a route is for: anybody, who has a key, administrators, or administrators and keys for metrics. */
export type RouteAccess = 'open' | 'keys' | 'admins' | 'metrics';

/** Marks a route that answers without a key. Every other one needs one. */
export const OpenRoute = () => SetMetadata(ROUTE_ACCESS, 'open' satisfies RouteAccess);

/** Marks a route for administrators alone. */
export const AdminRoute = () => SetMetadata(ROUTE_ACCESS, 'admins' satisfies RouteAccess);

/** Marks a route for administrators and for keys with the scope `metrics`. */
export const MetricsRoute = () => SetMetadata(ROUTE_ACCESS, 'metrics' satisfies RouteAccess);

export const DURING_OUTAGES = 'clockwork:during-outages';

/** Marks a route for administrators that they need most while the database does not answer. */
export const DuringOutages = () => SetMetadata(DURING_OUTAGES, true);

/** Why somebody with a valid key may not use a route; null where they may. */
export function accessRefusal(access: RouteAccess, { admin, scope }: Caller): Problem | null {
  if (scope === 'metrics') {
    return access === 'metrics' ? null : forbidden('This key is for /metrics alone (its scope is "metrics").');
  }
  if (admin || access === 'open' || access === 'keys') return null;
  return forbidden(
    access === 'metrics'
      ? 'This needs an administrator\'s key, or one made with "clockwork keys create --scope metrics".'
      : 'This needs an administrator\'s key ("clockwork users set EMAIL --admin" makes an administrator).',
  );
}
