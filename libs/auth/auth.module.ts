import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AuditModule } from '#libs/audit';
import { AccountChanges } from './account-changes.js';
import { ApiKey, ApiKeySchema } from './api-key.schema.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuditController } from './audit.controller.js';
import { AuthenticationService } from './authentication.service.js';
import { KeysController } from './keys.controller.js';
import { RefusedAttempts } from './refused-attempts.js';
import { User, UserSchema } from './user.schema.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [
    AuditModule,
    MongooseModule.forFeature([
      { name: User.name, schema: UserSchema },
      { name: ApiKey.name, schema: ApiKeySchema },
    ]),
  ],
  controllers: [UsersController, KeysController, AuditController],
  providers: [UsersService, ApiKeysService, AccountChanges, AuthenticationService, ApiKeyStrategy, RefusedAttempts],
  exports: [UsersService, ApiKeysService, RefusedAttempts, AuditModule],
})
export class AuthModule {}
