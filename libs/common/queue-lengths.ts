import { Injectable } from '@nestjs/common';

/** What waits in a process, or is under way there with a bound on how much. */
export const QUEUES = ['database_calls', 'pool_checkouts', 'write_windows', 'open_lists', 'merges_waiting'] as const;
export type QueueName = (typeof QUEUES)[number];

/** How long this process's queues are; whoever has one says here how to look. */
@Injectable()
export class QueueLengths {
  private readonly measures = new Map<QueueName, () => number>();

  add(name: QueueName, length: () => number): void {
    this.measures.set(name, length);
  }

  read(): ReadonlyMap<QueueName, number> {
    return new Map([...this.measures].map(([name, length]) => [name, length()]));
  }
}
