/** What HTTPS is measured with. It is the client that chooses, so that all servers do the same work. */

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** How a workload speaks TLS. */
export interface Secured {
  readonly version: TlsVersion;
  /** Connections that are kept, or one for each request: with a whole handshake, or with one that takes up a session again. */
  readonly connections: 'kept' | 'full' | 'resumed';
}

export const secured = {
  ciphers: { 'TLSv1.2': 'ECDHE-ECDSA-AES128-GCM-SHA256', 'TLSv1.3': 'TLS_AES_128_GCM_SHA256' },
  group: 'X25519',
  /** A certificate's curve has to be among the groups that a client of TLS 1.2 offers. */
  groups: 'X25519:P-256',
  /** What src/tls/self-signed.ts makes. */
  key: 'ECDSA P-256',
} as const;

/** Where a server finds its certificate. */
export interface PairPaths {
  readonly certificate: string;
  readonly key: string;
}
