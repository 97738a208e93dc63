export { startApi } from './server.js';
export { onceStopped } from './stop-signal.js';
