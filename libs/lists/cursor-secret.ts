import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Binary } from 'mongodb';
import type { Connection } from 'mongoose';
import { DatabaseCalls } from '#libs/database';

const SECRET_BYTES = 32;

interface SecretSetting {
  _id: 'page_cursor_secret';
  value: Binary;
}

/**
 * The key that page cursors are sealed with: one for all processes on a database, so that a cursor holds wherever it is
 * shown, also after a restart. All that it protects is that a cursor is where a page ended.
 */
@Injectable()
export class CursorSecret {
  private known: Buffer | undefined;

  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly calls: DatabaseCalls,
  ) {}

  async get(): Promise<Buffer> {
    this.known ??= await this.calls.run(() => this.stored());
    return this.known;
  }

  /** The first process to ask makes it. */
  private async stored(): Promise<Buffer> {
    const setting = await this.connection
      .collection<SecretSetting>('settings')
      .findOneAndUpdate(
        { _id: 'page_cursor_secret' },
        { $setOnInsert: { value: randomBytes(SECRET_BYTES) as never } },
        { upsert: true, returnDocument: 'after' },
      );
    if (setting === null) throw new Error('the secret of page cursors was not stored');
    return Buffer.from(setting.value.buffer);
  }
}
