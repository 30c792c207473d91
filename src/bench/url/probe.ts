import type { IncomingHttpHeaders } from 'node:http';
import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';

/** The first answer of a server, before it is put under load. */
export interface Probe {
  readonly status: number;
  /** The field Server, where there is one. */
  readonly server?: string;
  /** The field Location, where there is one. */
  readonly location?: string;
  /** Bytes of the body. */
  readonly length: number;
}

export interface ProbeOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Takes any certificate. autocannon always does: whether a certificate is right is found out here. */
  readonly insecure: boolean;
  /** Seconds. */
  readonly timeout: number;
}

/** Asks once. @throws Error where there is no whole answer, or no certificate to trust */
export function probe(url: string, options: ProbeOptions, signal: AbortSignal): Promise<Probe> {
  const { headers, insecure, timeout } = options;
  const request = new URL(url).protocol === 'https:' ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const settings = { headers, signal, timeout: timeout * 1000, agent: false, rejectUnauthorized: !insecure } as const;
    const asked = request(url, settings, response => {
      let length = 0;
      response.on('data', (part: Buffer) => {
        length += part.length;
      });
      response.on('error', () => reject(new Error(`${url}: the first answer broke off after ${length} bytes`)));
      response.on('end', () => resolve({ ...factsOf(response.headers), status: response.statusCode ?? 0, length }));
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeout} s`)));
    asked.on('error', error => reject(new Error(`${url}: ${reasonOf(error)}`, { cause: error })));
    asked.end();
  });
}

function factsOf({ server, location }: IncomingHttpHeaders): Pick<Probe, 'server' | 'location'> {
  return { ...(server && { server: String(server) }), ...(location && { location }) };
}

function reasonOf(error: NodeJS.ErrnoException): string {
  const isCertificate = /CERT|SIGNATURE|ISSUER|ALTNAME/.test(error.code ?? '');
  return isCertificate ? `${error.message} (--insecure takes any certificate)` : error.message || (error.code ?? '');
}
