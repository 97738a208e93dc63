import { Injectable } from '@nestjs/common';
import { InjectConnection, InjectModel } from '@nestjs/mongoose';
import { type AnyBulkWriteOperation, BSON, MongoBulkWriteError, MongoServerError } from 'mongodb';
import type { Connection, Model } from 'mongoose';
import { DataVersions, DUPLICATE_KEY, LONGEST_WRITE_MS, replacementPipeline } from '#libs/database';
import type { JsonObject } from '#libs/json';
import { BUILT_IN_CATALOGUE, BUILT_IN_MARK } from './built-in-catalogue.js';
import { BUILT_IN_REVISION } from './built-in-gpus.js';
import { Gpu } from './gpu.schema.js';

const SETTING = 'built_in_gpus';

interface FilledSetting {
  _id: typeof SETTING;
  /** Of the built-in GPUs that the catalogue was last filled with. */
  revision: number;
  /** All that it was ever filled with: one of them that is not there any more has been taken out. */
  names: string[];
}

/** Brings the catalogue's built-in GPUs up to those of this version of Clockwork. */
@Injectable()
export class BuiltInGpus {
  constructor(
    @InjectConnection() private readonly connection: Connection,
    @InjectModel(Gpu.name) private readonly gpus: Model<Gpu>,
    private readonly versions: DataVersions,
  ) {}

  /**
   * At the start of a process: one read where nothing is to do. What was imported stays, and what was taken out stays out;
   * the others are added or become what they are now. Several processes may do it at once, and an older version of Clockwork
   * beside a newer one undoes nothing.
   * @param afterwards what depends on the catalogue; where that fails, the next start does all of it again
   */
  async fill(afterwards: () => Promise<void>): Promise<void> {
    const filled = await this.settings.findOne({ _id: SETTING });
    if (filled !== null && filled.revision >= BUILT_IN_REVISION) return;
    const operations = await this.operations(new Set(filled?.names));
    if (operations.length > 0) await this.write(operations);
    await afterwards();
    await this.note([...new Set([...(filled?.names ?? []), ...BUILT_IN_CATALOGUE.keys()])]);
  }

  private async operations(before: ReadonlySet<string>): Promise<AnyBulkWriteOperation[]> {
    const names = [...BUILT_IN_CATALOGUE.keys()];
    const found = await this.gpus.collection
      .find<Buffer>(
        { $or: [{ cw_name: { $in: names } }, { [BUILT_IN_MARK]: true }] },
        { raw: true, projection: { _id: 0 } },
      )
      .toArray();
    const onFile = new Map(found.map((bytes) => [String(BSON.deserialize(bytes)['cw_name']), bytes]));
    const current = [...BUILT_IN_CATALOGUE].flatMap(([name, gpu]) => {
      const bytes = onFile.get(name);
      if (bytes !== undefined) return renewal(name, gpu, bytes);
      return before.has(name) ? [] : [{ insertOne: { document: Object.fromEntries(gpu) } }];
    });
    const former = [...onFile.keys()].filter((name) => !BUILT_IN_CATALOGUE.has(name));
    return [...current, ...former.map((name) => ({ deleteOne: { filter: { cw_name: name, [BUILT_IN_MARK]: true } } }))];
  }

  private async write(operations: AnyBulkWriteOperation[]): Promise<void> {
    try {
      await this.versions.change('gpu', () =>
        this.gpus.collection.bulkWrite(operations, { ordered: false, maxTimeMS: LONGEST_WRITE_MS }),
      );
    } catch (error) {
      // Another process, or an import, has added the same meanwhile.
      const errors = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
      if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
    }
  }

  private async note(names: string[]): Promise<void> {
    try {
      await this.settings.updateOne(
        { _id: SETTING, revision: { $lt: BUILT_IN_REVISION } },
        { $set: { revision: BUILT_IN_REVISION, names } },
        { upsert: true },
      );
    } catch (error) {
      // Another process has noted this revision or a later one.
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
    }
  }

  private get settings() {
    return this.connection.collection<FilledSetting>('settings');
  }
}

/** An entry on file that is still the built-in one, or an imported one that is equal to it, becomes what it is now. */
function renewal(name: string, gpu: JsonObject, onFile: Buffer): AnyBulkWriteOperation[] {
  const wanted = Buffer.from(BSON.serialize(gpu));
  if (wanted.equals(onFile)) return [];
  if (BSON.deserialize(onFile)[BUILT_IN_MARK] === true) {
    return [{ updateOne: { filter: { cw_name: name, [BUILT_IN_MARK]: true }, update: replacementPipeline(gpu) } }];
  }
  const unmarked = new Map(gpu);
  unmarked.delete(BUILT_IN_MARK);
  if (!Buffer.from(BSON.serialize(unmarked)).equals(onFile)) return [];
  return [{ updateOne: { filter: Object.fromEntries(unmarked), update: { $set: { [BUILT_IN_MARK]: true } } } }];
}
