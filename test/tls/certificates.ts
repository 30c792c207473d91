/** Certificates for the tests, made by the openssl program in a folder of their own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type KeyKind = 'ec' | 'rsa';

const keyOptions: Record<KeyKind, string[]> = {
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
  rsa: ['-newkey', 'rsa:2048'],
};

/** What `openssl ca` wants to know. */
const caConfig = `[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
unique_subject = no
copy_extensions = copy
[any]
organizationName = optional
commonName = supplied
`;

/** A folder of certificates: NAME.pem and NAME.key for each. */
export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'zerocopy-certificates-'));

  constructor() {
    writeFileSync(join(this.folder, 'ca.cnf'), caConfig);
    writeFileSync(join(this.folder, 'index.txt'), '');
  }

  path(name: string): string {
    return join(this.folder, name);
  }
  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  /** Signed by itself: for a server, or to sign others. @param names of hosts, or addresses */
  selfSigned(name: string, names: readonly string[] = [], kind: KeyKind = 'ec'): this {
    this.openssl(
      ...['req', '-x509', ...keyOptions[kind], '-nodes', '-days', '30', '-subj', `/CN=${name}`],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`, ...altNames(names)],
    );
    return this;
  }

  /**
   * @param period from and to, as 20200101000000Z
   * @param extensions further ones, as `-addext` takes them
   */
  signed(
    name: string,
    by: string,
    period: readonly [string, string] | null = null,
    kind: KeyKind = 'ec',
    extensions: readonly string[] = [],
  ): this {
    this.openssl(
      ...['req', '-new', ...keyOptions[kind], '-nodes', '-subj', `/O=Tests/CN=${name}`],
      ...[
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.csr`,
        ...altNames([name]),
        ...extensions.flatMap(each => ['-addext', each]),
      ],
    );
    const dates = period === null ? [] : ['-startdate', period[0], '-enddate', period[1]];
    this.openssl(...this.ca(by), ...dates, '-in', `${name}.csr`, '-out', `${name}.pem`, '-notext');
    return this;
  }

  /** Writes BY.crl, a list with those that were taken back. */
  revoked(by: string, ...names: readonly string[]): this {
    for (const name of names) this.openssl(...this.ca(by), '-revoke', `${name}.pem`);
    this.openssl(...this.ca(by), '-gencrl', '-out', `${by}.crl`);
    return this;
  }

  /** Writes NAME.ocsp: what a responder of BY's would say of NAME. */
  stapled(name: string, by: string): this {
    this.openssl('ocsp', '-issuer', `${by}.pem`, '-cert', `${name}.pem`, '-reqout', `${name}.request`);
    this.openssl(
      ...['ocsp', '-index', 'index.txt', '-CA', `${by}.pem`, '-rsigner', `${by}.pem`, '-rkey', `${by}.key`],
      ...['-reqin', `${name}.request`, '-respout', `${name}.ocsp`, '-ndays', '7'],
    );
    return this;
  }

  openssl(...args: readonly string[]): string {
    return execFileSync('openssl', args, { cwd: this.folder, encoding: 'latin1', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  remove(): void {
    if (existsSync(this.folder)) rmSync(this.folder, { recursive: true });
  }

  private ca(by: string): string[] {
    return ['ca', '-batch', '-config', 'ca.cnf', '-cert', `${by}.pem`, '-keyfile', `${by}.key`];
  }
}

function altNames(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const entries = names.map(name => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`));
  return ['-addext', `subjectAltName=${entries.join(',')}`];
}
