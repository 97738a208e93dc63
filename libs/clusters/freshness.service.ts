import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Caller, visibleClusters } from '#libs/auth';
import { freshnessHeaders, type Shown } from './freshness-headers.js';
import { type ClusterReadings, KnownReadings } from './known-readings.service.js';

/** One document as it is sent, and the cluster that it is of; null where none was found. */
export interface FoundOne {
  body: Buffer;
  cluster: string | null;
}

/** A request for what one of a cluster's readings has told. */
export interface FreshnessQuestion {
  shown: Shown;
  caller: Caller;
  /** The clusters asked for; undefined: all. */
  asked: readonly string[] | undefined;
}

/**
 * Says in an answer's headers how old it is. The readings are looked up before the data: what was written in between is
 * newer than the header says, and never the other way round. An error has no such headers.
 */
@Injectable()
export class Freshness {
  constructor(private readonly readings: KnownReadings) {}

  /** For an answer about all the clusters asked for that the caller may see. */
  async ofClusters<T>(reply: FastifyReply, question: FreshnessQuestion, answer: () => Promise<T>): Promise<T> {
    const known = await this.readings.get();
    const answered = await answer();
    setHeaders(reply, question, clustersOf(known, question));
    return answered;
  }

  /** For one document: it is as old as its cluster. That there is none is as old as a list would be. */
  async ofOne(reply: FastifyReply, question: FreshnessQuestion, find: () => Promise<FoundOne>): Promise<Buffer> {
    const known = await this.readings.get();
    const { body, cluster } = await find();
    const one =
      cluster === null ? clustersOf(known, question) : [known.get(cluster)].filter((each) => each !== undefined);
    setHeaders(reply, question, one);
    return body;
  }
}

function clustersOf(
  known: ReadonlyMap<string, ClusterReadings>,
  { caller, asked }: FreshnessQuestion,
): ClusterReadings[] {
  const names = visibleClusters(caller, asked);
  return [...known.values()].filter(({ name }) => names?.includes(name) ?? true);
}

function setHeaders(reply: FastifyReply, { shown }: FreshnessQuestion, clusters: readonly ClusterReadings[]): void {
  void reply.headers(freshnessHeaders(clusters, shown, Date.now()));
}
