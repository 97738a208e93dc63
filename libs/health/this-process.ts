import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import { ObjectId } from 'mongodb';
import { QueueLengths } from '#libs/common';
import { EventLoopDelay, eventLoopHealth } from './event-loop-health.js';
import type { Finding } from './health-part.js';
import type { ProcessKind } from './process-record.schema.js';
import { queueHealth } from './queue-health.js';

export interface Introduction {
  _id: string;
  kind: ProcessKind;
  name: string;
  url: string | null;
  started_at: Date;
}

/** What this process is to the others; a command, which ends soon, is nothing to them. */
@Injectable()
export class ThisProcess {
  private readonly delay = new EventLoopDelay();
  private known: Introduction | null = null;

  constructor(private readonly queues: QueueLengths) {}

  get introduction(): Introduction | null {
    return this.known;
  }

  begin(kind: ProcessKind, url: string | null): Introduction {
    this.delay.start();
    const started_at = new Date(Date.now() - process.uptime() * 1000);
    this.known = { _id: new ObjectId().toHexString(), kind, name: `${hostname()} ${process.pid}`, url, started_at };
    return this.known;
  }

  end(): void {
    this.delay.stop();
    this.known = null;
  }

  endWindow(): void {
    this.delay.endWindow();
  }

  findings(): Finding[] {
    if (this.known === null) return [];
    const { name } = this.known;
    return [eventLoopHealth(name, this.delay.delays), queueHealth(name, this.queues.read())];
  }
}
