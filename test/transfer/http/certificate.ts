/** Certificates for tests, made by openssl. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  /** PEM. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The file of `cert`. */
  readonly path: string;
  remove(): void;
}

/**
 * A certificate that is signed by itself.
 * @param names subjectAltName: `DNS:localhost,IP:127.0.0.1`
 * @param days from now on that it is valid; -1: it has expired
 */
export function selfSigned(names: string, days = 2): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'zerocopy-certificate-'));
  const inFolder = (name: string) => join(folder, name);
  const [key, request, path, extensions] = ['key.pem', 'request.pem', 'cert.pem', 'extensions'].map(inFolder);
  writeFileSync(extensions, `subjectAltName=${names}\n`);
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  openssl('req', '-new', '-subj', '/CN=zerocopy test', ...newKey, '-out', request);
  const sign = ['-req', '-in', request, '-signkey', key, '-days', `${days}`, '-extfile', extensions];
  openssl('x509', ...sign, '-out', path);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { cert: readFileSync(path), key: readFileSync(key), path, remove };
}

function openssl(...words: string[]): void {
  const { status, stderr } = spawnSync('openssl', words);
  if (status !== 0) throw new Error(`openssl ${words[0]}: ${stderr}`);
}
