import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AccountChanges } from './account-changes.js';
import { ApiKey, ApiKeySchema } from './api-key.schema.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { ApiKeysService } from './api-keys.service.js';
import { AuthenticationService } from './authentication.service.js';
import { User, UserSchema } from './user.schema.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [
    MongooseModule.forFeature([
      { name: User.name, schema: UserSchema },
      { name: ApiKey.name, schema: ApiKeySchema },
    ]),
  ],
  providers: [UsersService, ApiKeysService, AccountChanges, AuthenticationService, ApiKeyStrategy],
  exports: [UsersService, ApiKeysService],
})
export class AuthModule {}
