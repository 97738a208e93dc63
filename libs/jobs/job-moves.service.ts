import { Injectable } from '@nestjs/common';
import { InjectConnection, InjectModel } from '@nestjs/mongoose';
import type { ClientSession, Document, Filter, ObjectId } from 'mongodb';
import type { Connection, Model } from 'mongoose';
import { COUNTERS } from '#libs/database';
import type { Moves, PageCursor } from '#libs/lists';
import { Job, type JobMove } from './job.schema.js';
import { movePast, type Placed } from './job-move.js';

interface MovedJob {
  _id: ObjectId;
  slurm: { cluster_name: string };
  derived: { job_number: bigint };
  moves: JobMove[];
}

/**
 * Jobs' moves in the list's order. A requeued job goes to the front of it, where somebody who is half way through the
 * pages would never meet it: so its move is remembered with a number, and the next page takes it in. None is forgotten,
 * since a cursor holds for ever: there is one for each attempt in `cw.attempts`, and it is smaller than that.
 */
@Injectable()
export class JobMoves implements Moves {
  constructor(
    @InjectModel(Job.name) private readonly jobs: Model<Job>,
    @InjectConnection() private readonly connection: Connection,
  ) {}

  async last(session: ClientSession | null): Promise<number> {
    const counter = await this.counters.findOne({ _id: 'job_moves' }, session === null ? {} : { session });
    return counter?.value ?? 0;
  }

  /**
   * Numbers for moves that are about to be written in the same transaction.
   * @returns the first of them
   */
  async take(count: number, session: ClientSession | undefined): Promise<number> {
    const counter = await this.counters.findOneAndUpdate(
      { _id: 'job_moves' },
      { $inc: { value: count } },
      { upsert: true, returnDocument: 'after', ...(session === undefined ? {} : { session }) },
    );
    if (counter === null) throw new Error('the number of moves was not stored');
    return counter.value - count + 1;
  }

  async past(
    filter: Filter<Document>,
    page: PageCursor,
    most: number,
    session: ClientSession | null,
  ): Promise<{ id: ObjectId; move: number }[]> {
    let found: { id: ObjectId; move: number }[] = [];
    const first = () => found.sort((a, b) => a.move - b.move).slice(0, most);
    const cursor = this.jobs.collection.find<MovedJob>(
      { $and: [filter, { 'moves.number': { $gt: page.move } }] },
      {
        projection: { 'slurm.cluster_name': 1, 'derived.job_number': 1, moves: 1 },
        useBigInt64: true,
        ...(session === null ? {} : { session }),
      },
    );
    for await (const { _id, slurm, derived, moves } of cursor) {
      const place: Placed = { cluster: slurm.cluster_name, jobNumber: derived.job_number };
      const move = movePast(moves, place, page);
      if (move !== null) found.push({ id: _id, move });
      // An old cursor may have very many behind it.
      if (found.length >= 2 * most) found = first();
    }
    return first();
  }

  private get counters() {
    return this.connection.collection<{ _id: string; value: number }>(COUNTERS);
  }
}
