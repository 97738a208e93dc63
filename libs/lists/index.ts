export type { Listing, Moves } from './listing.js';
export { ListsModule } from './lists.module.js';
export { type ListBody, ListsService } from './lists.service.js';
export type { PageCursor } from './page-cursor.js';
export { AfterParameter, PageLimitParameter, type PageParameters } from './page-parameters.js';
