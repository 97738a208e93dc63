import { Module } from '@nestjs/common';
import { CursorSecret } from './cursor-secret.js';
import { ListsService } from './lists.service.js';

@Module({ providers: [CursorSecret, ListsService], exports: [ListsService] })
export class ListsModule {}
