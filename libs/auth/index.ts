export { AccountError } from './account-error.js';
export { ApiKeyGuard } from './api-key.guard.js';
export { type ApiKeyDescription, ApiKeysService } from './api-keys.service.js';
export { AuthModule } from './auth.module.js';
export { type Caller, CurrentCaller, visibleClusters } from './caller.js';
export { JobOwnershipGuard, notTheOwner, RequestedJob } from './job-ownership.guard.js';
export { OpenRoute } from './open-route.decorator.js';
export {
  completeNames,
  NAME_KINDS,
  type NameKind,
  NO_NAMES,
  normalName,
  ownsJob,
  type UserNames,
} from './user-names.js';
export { type NameOfKind, type UserChanges, type UserRecord, UsersService } from './users.service.js';
export { userRecord } from './user-record.js';
