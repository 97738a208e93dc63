import type { FastifyReply } from 'fastify';
import { type LimitsConfiguration, type Problem, tooManyRequests } from '#libs/common';
import { clientNetwork } from './client-network.js';
import type { LimitCounters } from './limit-counters.js';
import { LookUpTurns } from './look-up-turns.js';
import { RateLimit, type Standing, WINDOW_MS } from './rate-limit.js';

/** More than a lab has in use at a time; of each, a few dozen bytes are kept. */
const MOST_CLIENTS = 10_000;

/** Names of the limits, as the headers `RateLimit` and `RateLimit-Policy` have them. */
type PolicyName = 'key' | 'address' | 'failed-keys';

interface Policy {
  name: PolicyName;
  limit: RateLimit;
  /** The header `RateLimit-Policy`. */
  text: string;
}

/**
 * How often a key and an address may ask. An address is looked at before its key is, and a key once it has proved valid: nobody
 * uses up another's by naming it.
 */
export class RequestLimits {
  private readonly keys: Policy | null;
  private readonly addresses: Policy | null;
  private readonly failures: Policy | null;
  private readonly turns = new LookUpTurns();

  constructor(
    { keyRate, addressRate, failedKeyRate }: LimitsConfiguration,
    private readonly counters: LimitCounters,
  ) {
    this.keys = policy('key', keyRate);
    this.addresses = policy('address', addressRate);
    this.failures = policy('failed-keys', failedKeyRate);
    const limits = [this.keys, this.addresses, this.failures];
    counters.showUse('clients_remembered', () => limits.reduce((sum, each) => sum + (each?.limit.size ?? 0), 0));
    counters.showUse('keys_in_doubt', () => this.turns.size);
  }

  /** Counts a request from an address. @returns why it is refused, or null */
  addressRefusal(address: string | undefined): Problem | null {
    if (this.addresses === null) return null;
    const standing = this.addresses.limit.take(clientNetwork(address), performance.now());
    if (standing.isAllowed) return null;
    this.counters.countRefusal('address_rate');
    const { most } = this.addresses.limit;
    return refusal(this.addresses, standing, `Your address has sent more than ${most} requests in a minute.`);
  }

  /** Counts a request with a valid key, and tells the caller how it stands. @returns why it is refused, or null */
  keyRefusal(keyId: string, reply: FastifyReply): Problem | null {
    if (this.keys === null) return null;
    const standing = this.keys.limit.take(keyId, performance.now());
    if (standing.isAllowed) {
      void reply.header('RateLimit-Policy', this.keys.text).header('RateLimit', standingText(this.keys, standing));
      return null;
    }
    this.counters.countRefusal('key_rate');
    return refusal(this.keys, standing, `This key has made more than ${this.keys.limit.most} requests in a minute.`);
  }

  /**
   * Counts a request without a valid key.
   * @returns what to say where its address has sent too many of them; null: what is said to anybody without one
   */
  failedKeyRefusal(address: string | undefined): Problem | null {
    if (this.failures === null) return null;
    const standing = this.failures.limit.take(clientNetwork(address), performance.now());
    if (standing.isAllowed) return null;
    this.counters.countRefusal('failed_keys');
    const { most } = this.failures.limit;
    return refusal(
      this.failures,
      standing,
      `Your address has sent more than ${most} requests without a valid API key in a minute. Valid keys still work.`,
    );
  }

  /** For an address that has sent too many wrong keys: how others are looked up. Null for all other addresses. */
  turnsFor(address: string | undefined): LookUpTurns | null {
    if (this.failures === null) return null;
    return this.failures.limit.isUsedUp(clientNetwork(address), performance.now()) ? this.turns : null;
  }
}

function policy(name: PolicyName, perMinute: number): Policy | null {
  if (perMinute === 0) return null;
  return {
    name,
    limit: new RateLimit(perMinute, MOST_CLIENTS),
    text: `"${name}";q=${perMinute};w=${WINDOW_MS / 1000}`,
  };
}

/** The header `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): what is left, and the seconds until all of it is back. */
function standingText({ name }: Policy, { remaining, untilFullMs }: Standing): string {
  return `"${name}";r=${remaining};t=${Math.ceil(untilFullMs / 1000)}`;
}

function refusal(limited: Policy, standing: Standing, what: string): Problem {
  return tooManyRequests(`${what} Try again after the seconds in the header Retry-After.`, standing.waitMs / 1000, {
    'RateLimit-Policy': limited.text,
    RateLimit: standingText(limited, standing),
  });
}
