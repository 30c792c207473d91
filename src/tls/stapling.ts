import type { Settings } from '../conf/settings.js';
import type { Chain } from './certificates.js';
import { readText } from './failure.js';
import { issuerOf, OcspQuestion, responderOf, responseBlock } from './ocsp.js';
import { ResponderStaple } from './responder-staple.js';
import type { Staple } from './staple.js';

/**
 * What `ssl_stapling` comes to: a staple for each certificate, by its X509.
 * @param store of those that are trusted
 * @param warn is told where there is to be none, in nginx's words
 * @throws Error where `ssl_stapling_file` cannot be used
 */
export function staplesFor(
  settings: Settings,
  chains: readonly Chain[],
  store: number,
  warn: (message: string) => void,
): Map<number, Staple> {
  const staples = new Map<number, Staple>();
  const { sslStaplingFile } = settings;
  if (sslStaplingFile !== '') {
    const staple = fileStaple(sslStaplingFile);
    for (const { certificate } of chains) staples.set(certificate, staple);
    return staples;
  }
  for (const chain of chains) {
    const staple = responderStaple(settings, chain, store, reason => warn(`"ssl_stapling" ignored, ${reason}`));
    if (staple !== null) staples.set(chain.certificate, staple);
  }
  return staples;
}

function fileStaple(path: string): Staple {
  const bytes = Buffer.from(readText(path), 'latin1');
  if (bytes.length === 0) throw new Error(`"${path}" is empty`);
  return { bytes: responseBlock(bytes, `d2i_OCSP_RESPONSE_bio("${path}")`), free: () => {} };
}

function responderStaple(
  { sslStaplingResponder, sslStaplingVerify }: Settings,
  chain: Chain,
  store: number,
  ignore: (reason: string) => void,
): Staple | null {
  const text = sslStaplingResponder || responderOf(chain.certificate);
  const issuer = issuerOf(chain, store);
  if (issuer === 0) {
    ignore(`issuer certificate not found for certificate "${chain.name}"`);
    return null;
  }
  const question = new OcspQuestion(chain, issuer, store, sslStaplingVerify);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:') return new ResponderStaple(url, chain.name, question);
  question.free();
  if (text === '') ignore(`no OCSP responder URL in the certificate "${chain.name}"`);
  else ignore(`invalid URL prefix in OCSP responder "${text}" in the certificate "${chain.name}"`);
  return null;
}
