import { SetMetadata } from '@nestjs/common';

export const OPEN_ROUTE = 'clockwork:open-route';

/** Marks a route that answers without a key. Every other one needs one. */
export const OpenRoute = () => SetMetadata(OPEN_ROUTE, true);
