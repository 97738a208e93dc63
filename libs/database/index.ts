export { type OpenDatabase, openDatabase } from './connection.js';
export { DatabaseCalls } from './database-calls.js';
export { DatabaseModule } from './database.module.js';
export { Indexes } from './indexes.js';
export { jsonList } from './json-list.js';
export { replacementPipeline } from './replacement.js';
export { isDatabaseOutage } from './outage.js';
export { DUPLICATE_KEY } from './duplicate-key.js';
export { isStartFailure } from './start-failure.js';
