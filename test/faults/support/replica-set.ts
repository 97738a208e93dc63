import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { findMongod } from '../../../libs/database/embedded/binary/mongod-binary.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { Link } from './link.ts';
import { ownerOf } from './owned-port.ts';

const NAME = 'faults';
const MEMBERS = ['a', 'b', 'c'] as const;
export type MemberName = (typeof MEMBERS)[number];
const OTHERS = 'others';
const PATIENCE_MS = 60_000;
const CATCH_UP_MS = 3_000;
/** As docs/operating.md has it, and deploy/compose. */
const SETTINGS = { catchUpTimeoutMillis: 2_000 };

interface Member {
  name: MemberName;
  directory: string;
  /** Where it listens, and where all others, clients too, take it to be. */
  port: number;
  knownPort: number;
  process: ChildProcess;
}

/** Three real members on loopback, each known by the address of a link that can be cut between members. */
export class ReplicaSet {
  private readonly members = new Map<MemberName, Member>();
  private readonly links = new Map<MemberName, Link>();

  private constructor(private readonly binary: string) {}

  static async start(scratch: string): Promise<ReplicaSet> {
    const set = new ReplicaSet(await findMongod(process.env['MONGOD'], () => undefined));
    for (const name of MEMBERS) {
      const directory = join(scratch, name);
      await mkdir(directory);
      const [port, knownPort] = [await freePort(), await freePort()];
      set.members.set(name, { name, directory, port, knownPort, process: set.spawn(directory, port) });
      set.links.set(name, await Link.open(knownPort, port, (fromPort) => set.callerOf(fromPort, knownPort)));
    }
    await set.initiate();
    return set;
  }

  get uri(): string {
    const hosts = MEMBERS.map((name) => `127.0.0.1:${this.member(name).knownPort}`);
    return `mongodb://${hosts.join(',')}/clockwork?replicaSet=${NAME}`;
  }

  /** Which member takes writes, as the other members see it too. */
  async primary(): Promise<MemberName> {
    return eventually(async () => {
      const told = await Promise.all(
        MEMBERS.map((name) => this.ask(name, (admin) => admin.command({ hello: 1 })).catch(() => null)),
      );
      const primaries = MEMBERS.filter((_name, at) => told[at]?.['isWritablePrimary'] === true);
      const [primary, ...more] = primaries;
      if (primary === undefined || more.length > 0) throw new Error(`${primaries.length} members take writes`);
      return primary;
    }, PATIENCE_MS);
  }

  async stepDown(name: MemberName): Promise<void> {
    // Refused while no other could take over, such as one that has just stepped down itself.
    const command = { replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 };
    await eventually(() => this.ask(name, (admin) => admin.command(command)), PATIENCE_MS);
  }

  async kill(name: MemberName): Promise<void> {
    const { process: child } = this.member(name);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  restart(name: MemberName): void {
    const member = this.member(name);
    member.process = this.spawn(member.directory, member.port);
  }

  /** From the other members, both ways, and from nobody else. */
  isolate(name: MemberName): void {
    for (const [other, link] of this.links)
      link.separate(other === name ? MEMBERS.filter((one) => one !== name) : [name]);
  }

  join(): void {
    for (const link of this.links.values()) link.separate([]);
  }

  /** Resolves when all members are there and have caught up: each tells the primary that it has what was written now. */
  async complete(): Promise<void> {
    await eventually(async () => {
      const primary = await this.primary();
      const status = await this.ask(primary, (admin) => admin.command({ replSetGetStatus: 1 }));
      const states = (status['members'] as { stateStr: string }[]).map(({ stateStr }) => stateStr).sort();
      expect(states).toEqual(['PRIMARY', 'SECONDARY', 'SECONDARY']);
      await this.write(primary, MEMBERS.length);
    }, PATIENCE_MS);
  }

  /** Resolves when the members apart from one have a primary and acknowledge by a majority what it is given to write. */
  async acknowledgesWithout(cutOff: MemberName): Promise<void> {
    const others = MEMBERS.filter((name) => name !== cutOff);
    await eventually(() => Promise.any(others.map((name) => this.write(name, 'majority'))), PATIENCE_MS);
  }

  async stop(): Promise<void> {
    for (const { process: child } of this.members.values()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    for (const link of this.links.values()) await link.close();
  }

  private spawn(directory: string, port: number): ChildProcess {
    const options = ['--dbpath', directory, '--port', String(port), '--bind_ip', '127.0.0.1', '--replSet', NAME];
    const log = ['--logpath', join(directory, 'mongod.log'), '--logappend'];
    const small = ['--nounixsocket', '--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '256'];
    return spawn(this.binary, [...options, ...log, ...small], { stdio: 'ignore' });
  }

  private async initiate(): Promise<void> {
    const members = MEMBERS.map((name, at) => ({ _id: at, host: `127.0.0.1:${this.member(name).knownPort}` }));
    await eventually(
      () => this.ask('a', (admin) => admin.command({ replSetInitiate: { _id: NAME, members, settings: SETTINGS } })),
      PATIENCE_MS,
    );
    await this.complete();
  }

  private async write(name: MemberName, w: number | 'majority'): Promise<void> {
    const note = { appendOplogNote: 1, data: {}, writeConcern: { w, wtimeout: CATCH_UP_MS } };
    expect(await this.ask(name, (admin) => admin.command(note))).not.toHaveProperty('writeConcernError');
  }

  private async ask<T>(name: MemberName, question: (admin: ReturnType<MongoClient['db']>) => Promise<T>): Promise<T> {
    const options = { directConnection: true, serverSelectionTimeoutMS: 2_000, socketTimeoutMS: 15_000 };
    const client = await MongoClient.connect(`mongodb://127.0.0.1:${this.member(name).port}/`, options);
    try {
      return await question(client.db('admin'));
    } finally {
      await client.close();
    }
  }

  private async callerOf(fromPort: number, knownPort: number): Promise<string> {
    const members = [...this.members.values()];
    const pid = await ownerOf(
      fromPort,
      knownPort,
      members.map(({ process: child }) => child.pid ?? 0),
    );
    return members.find(({ process: child }) => child.pid === pid)?.name ?? OTHERS;
  }

  private member(name: MemberName): Member {
    const member = this.members.get(name);
    if (member === undefined) throw new Error(`there is no member ${name}`);
    return member;
  }
}
