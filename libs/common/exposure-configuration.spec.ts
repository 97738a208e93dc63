import { EnvironmentReader } from './environment-reader.js';
import { readExposure } from './exposure-configuration.js';

const FILE = process.execPath;

function read(environment: NodeJS.ProcessEnv) {
  const reader = new EnvironmentReader(environment);
  const exposure = readExposure(reader);
  return { ...exposure, problems: reader.problems };
}

describe('readExposure', () => {
  it('is plain HTTP, believes nobody and lets no page in, unless told otherwise', () => {
    expect(read({})).toEqual({ tls: undefined, trustProxy: undefined, corsOrigins: [], problems: [] });
  });

  it('takes a certificate with its key, or neither', () => {
    expect(read({ TLS_CERT: FILE, TLS_KEY: FILE }).tls).toEqual({ certFile: FILE, keyFile: FILE });
    expect(read({ TLS_CERT: FILE }).problems).toEqual(['TLS_CERT is set and TLS_KEY is not: set both, or neither.']);
    expect(read({ TLS_KEY: FILE }).problems).toEqual(['TLS_KEY is set and TLS_CERT is not: set both, or neither.']);
    expect(read({ TLS_CERT: FILE, TLS_KEY: '/nowhere/key.pem' }).problems[0]).toMatch(
      /^TLS_KEY is "\/nowhere\/key.pem"; it takes/,
    );
  });

  it.each([
    ['10.0.0.5', ['10.0.0.5']],
    ['10.0.0.5, 10.1.0.0/16', ['10.0.0.5', '10.1.0.0/16']],
    ['::1,fd00::/8', ['::1', 'fd00::/8']],
    ['1', 1],
    ['16', 16],
    ['0', undefined],
  ])('takes TRUST_PROXY=%s', (text, trusted) => {
    expect(read({ TRUST_PROXY: text })).toMatchObject({ trustProxy: trusted, problems: [] });
  });

  it.each([
    'true',
    '17',
    '-1',
    'proxy.example.org',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '::/0',
    '10.0.0.5,',
    '10.0.0.5/8/8',
    '*',
  ])('refuses TRUST_PROXY=%s', (text) => {
    expect(read({ TRUST_PROXY: text }).problems).toEqual([
      expect.stringContaining(`TRUST_PROXY is ${JSON.stringify(text)}; it takes addresses and CIDRs`),
    ]);
  });

  it('takes origins', () => {
    const text = 'https://dashboard.example.org, http://localhost:8080';
    expect(read({ CLOCKWORK_CORS_ORIGINS: text }).corsOrigins).toEqual([
      'https://dashboard.example.org',
      'http://localhost:8080',
    ]);
  });

  it.each([
    '*',
    'null',
    'dashboard.example.org',
    'https://a.example/',
    'https://a.example:443',
    'https://A.example',
    'https://a.example,',
    'file:///x',
  ])('refuses the origin %s', (text) => {
    expect(read({ CLOCKWORK_CORS_ORIGINS: text }).problems).toEqual([
      expect.stringContaining('CLOCKWORK_CORS_ORIGINS is '),
    ]);
  });
});
