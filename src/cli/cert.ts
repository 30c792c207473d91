import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { makeSelfSigned, type Pair } from '../tls/self-signed.js';
import { nodePath, print } from './bytes.js';
import type { CertOptions } from './cert-options.js';
import { UsageError } from './failure.js';
import { checkOnce, numberOption } from './option-values.js';
import { fullPath } from './place.js';

const ownNames = ['localhost', '127.0.0.1', '::1'];
const mostDays = 3650;

/** `zerocopy cert`: makes a certificate that is signed by its own key, and writes both. @throws UsageError, Error */
export function cert(options: CertOptions): void {
  checkOnce(options, ['names', '_']);
  const { out, force, json } = options;
  const names = namesOf(options.names ?? []);
  const days = numberOption('days', options.days, 1, mostDays);
  const folder = fullPath(out);
  const files = { certificate: `${folder}/cert.pem`, key: `${folder}/key.pem` };
  const there = Object.values(files).find(path => existsSync(nodePath(path)));
  if (there !== undefined && !force) throw new UsageError(`"${there}" is there already: --force replaces the pair`, 1);
  const pair = makeSelfSigned(names, days);
  mkdirSync(nodePath(folder), { recursive: true });
  write(files.key, pair.key, 0o600);
  write(files.certificate, pair.certificate, 0o644);
  print(json ? jsonText(files, names, pair) : summaryText(files, names, pair));
}

/** @throws UsageError for what no client could ask for */
function namesOf(given: readonly string[]): readonly string[] {
  if (given.length === 0) return ownNames;
  const label = '[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
  const host = new RegExp(`^(\\*\\.)?${label}(\\.${label})*$`);
  for (const name of given) {
    if (isIP(name) === 0 && (!host.test(name) || name.length > 253)) {
      throw new UsageError(`"${name}" is neither a host name nor an address`);
    }
  }
  return [...new Set(given)];
}

/** The file is there whole or not at all, and never with more rights than it is to have. */
function write(path: string, text: string, mode: number): void {
  const next = nodePath(`${path}.new`);
  rmSync(next, { force: true });
  writeFileSync(next, text, { encoding: 'latin1', mode, flag: 'wx' });
  renameSync(next, nodePath(path));
}

function jsonText(files: Pair, names: readonly string[], { certificate }: Pair): string {
  const { fingerprint256, validFromDate, validToDate } = dated(certificate);
  const facts = { ...files, names, from: validFromDate, until: validToDate, sha256: fingerprint256 };
  return `${JSON.stringify(facts, null, 2)}\n`;
}

function summaryText(files: Pair, names: readonly string[], { certificate }: Pair): string {
  const { fingerprint256, validToDate } = dated(certificate);
  const [host] = names;
  const url = `https://${host.includes(':') ? `[${host}]` : host.replace('*', 'www')}:8443/`;
  return `${files.certificate}: good for ${names.join(', ')}, until ${validToDate.slice(0, 10)}
${files.key}: its key, for nobody else to read
SHA-256 ${fingerprint256}

In a server of the configuration:
    listen 8443 ssl;
    ssl_certificate ${files.certificate};
    ssl_certificate_key ${files.key};

To try it: curl --cacert ${files.certificate} ${url}
Nobody vouches for it: a browser asks whether you trust it.
`;
}

/** As ISO has dates. */
function dated(pem: string) {
  const { fingerprint256, validFrom, validTo } = new X509Certificate(pem);
  const [validFromDate, validToDate] = [validFrom, validTo].map(text => new Date(text).toISOString());
  return { fingerprint256, validFromDate, validToDate };
}
