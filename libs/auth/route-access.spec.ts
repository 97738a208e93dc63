import type { Caller } from './caller.js';
import { accessRefusal, type RouteAccess } from './route-access.js';
import { NO_NAMES } from './user-names.js';

const caller = (admin: boolean, scope: Caller['scope']): Caller => ({
  ...NO_NAMES,
  mila_email_username: 'ada@example.org',
  keyId: '0123456789abcdef',
  clusters: null,
  admin,
  scope,
});

const USER = caller(false, 'all');
const ADMIN = caller(true, 'all');
const METRICS = caller(false, 'metrics');
const ADMINS_METRICS = caller(true, 'metrics');

describe('accessRefusal', () => {
  it.each<[RouteAccess, Caller]>([
    ['keys', USER],
    ['keys', ADMIN],
    ['admins', ADMIN],
    ['metrics', ADMIN],
    ['metrics', METRICS],
    ['metrics', ADMINS_METRICS],
  ])('lets in to a route for %s', (access, by) => {
    expect(accessRefusal(access, by)).toBeNull();
  });

  it.each<[RouteAccess, Caller, RegExp]>([
    ['keys', METRICS, /scope is "metrics"/],
    ['keys', ADMINS_METRICS, /scope is "metrics"/],
    ['admins', USER, /users set EMAIL --admin/],
    ['admins', ADMINS_METRICS, /scope is "metrics"/],
    ['metrics', USER, /--scope metrics/],
  ])('refuses at a route for %s', (access, by, detail) => {
    expect(accessRefusal(access, by)).toMatchObject({ status: 403, detail: expect.stringMatching(detail) as string });
  });
});
