import { Injectable } from '@nestjs/common';

/** Whether this process still wants requests: who is told to stop says no first, and answers on for a while. */
@Injectable()
export class Readiness {
  private stopping = false;

  get isStopping(): boolean {
    return this.stopping;
  }

  stop(): void {
    this.stopping = true;
  }
}
