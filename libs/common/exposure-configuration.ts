import { isIP } from 'node:net';
import type { EnvironmentReader } from './environment-reader.js';

/** How the service meets the network: encrypted, behind whom, and which pages of a browser may ask. */
export interface ExposureConfiguration {
  /** PEM files of a certificate (chain) and its key; undefined: plain HTTP. */
  tls: TlsFiles | undefined;
  /**
   * Whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses and CIDRs, or how many proxies a request
   * passes; undefined: nobody's.
   */
  trustProxy: string[] | number | undefined;
  /** Such as `https://dashboard.example.org`. */
  corsOrigins: readonly string[];
}

export interface TlsFiles {
  certFile: string;
  keyFile: string;
}

const MOST_PROXIES = 16;

export function readExposure(reader: EnvironmentReader): ExposureConfiguration {
  return { tls: tlsFiles(reader), trustProxy: trustedProxies(reader), corsOrigins: corsOrigins(reader) };
}

function tlsFiles(reader: EnvironmentReader): TlsFiles | undefined {
  const certFile = reader.existingFile('TLS_CERT', 'a PEM file with the certificate and its chain');
  const keyFile = reader.existingFile('TLS_KEY', "a PEM file with the certificate's private key");
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  if (certFile !== undefined) reader.problems.push('TLS_CERT is set and TLS_KEY is not: set both, or neither.');
  if (keyFile !== undefined) reader.problems.push('TLS_KEY is set and TLS_CERT is not: set both, or neither.');
  return undefined;
}

function trustedProxies(reader: EnvironmentReader): string[] | number | undefined {
  const value = reader.text('TRUST_PROXY');
  if (value === undefined) return undefined;
  if (/^\d{1,2}$/.test(value) && Number(value) <= MOST_PROXIES) return Number(value) === 0 ? undefined : Number(value);
  const proxies = value.split(',').map((part) => part.trim());
  if (proxies.every(isAddressOrCidr)) return proxies;
  reader.refuse(
    'TRUST_PROXY',
    value,
    `addresses and CIDRs of proxies, comma-separated, such as 10.0.0.5,10.1.0.0/16, or how many proxies a request passes (1 to ${MOST_PROXIES})`,
  );
  return undefined;
}

function isAddressOrCidr(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  // All the world, which a prefix of 0 is, can be nobody's proxy.
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function corsOrigins(reader: EnvironmentReader): string[] {
  const value = reader.text('CLOCKWORK_CORS_ORIGINS');
  if (value === undefined) return [];
  const origins = value.split(',').map((part) => part.trim());
  if (origins.every(isOrigin)) return origins;
  reader.refuse(
    'CLOCKWORK_CORS_ORIGINS',
    value,
    'origins as a browser sends them, comma-separated, such as https://dashboard.example.org,http://localhost:8080',
  );
  return [];
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
