import { ECONNABORTED, ECONNRESET, EPIPE, ETIMEDOUT, SystemError } from '../../../native/errno.js';
import { connectReason, endpointText, nameReason } from '../connect.js';
import { TransferError } from '../failure.js';
import { plain } from '../plain.js';
import { BrokenConnection } from './broken.js';
import type { HttpTarget } from './url.js';

/** Why a certificate is not trusted, by OpenSSL's name for it, which is Node's code. */
const distrust = new Map<string, string>([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'it is signed by itself'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its authority is not one of those that are trusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its authority is not one of those that are trusted'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'its authority is not one of those that are trusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its authority is not one of those that are trusted'],
]);

const brokenErrnos: readonly number[] = [ECONNRESET, EPIPE, ECONNABORTED, ETIMEDOUT];

/**
 * What an error of Node's https client means.
 * @param timeoutMs that the request was made with
 */
export function tlsFailure(error: unknown, target: HttpTarget, timeoutMs: number): TransferError {
  if (error instanceof TransferError) return error;
  const { code = '', message, syscall = '', errno, reason } = firstOf(error);
  const place = endpointText(target.host, target.port);
  const options = { cause: error };
  const doubt = distrust.get(code);
  if (doubt !== undefined) {
    const remedy = 'give the certificate of its authority with --cacert FILE, or --insecure to take any';
    return new TransferError(`the certificate of ${place} is not trusted: ${doubt}; ${remedy}`, 'peer', options);
  }
  if (code.startsWith('CERT_') || code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const why = plain(reason ?? message);
    return new TransferError(`the certificate of ${place} is not valid: ${why}; --insecure takes any`, 'peer', options);
  }
  if (syscall === 'connect' && errno !== undefined) {
    return connectFailure(new SystemError('connect()', -errno), target, timeoutMs);
  }
  const nameless = nameReason(code);
  if (nameless !== undefined) return new TransferError(`cannot connect to ${place}: ${nameless}`, 'network', options);
  if (code === 'ECONNRESET' || (errno !== undefined && brokenErrnos.includes(-errno))) {
    return new BrokenConnection(`${target.authority} has broken off the connection: ${message}`, 'peer', options);
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return new TransferError(`${place} does not speak TLS as it should (${code}): is it http://?`, 'peer', options);
  }
  return new TransferError(`https to ${place} failed: ${message}`, 'network', options);
}

/** @param timeoutMs that it was given */
export function connectFailure(cause: SystemError, { host, port }: HttpTarget, timeoutMs: number): TransferError {
  const reason = connectReason(cause.errno, timeoutMs);
  return new TransferError(`cannot connect to ${endpointText(host, port)}: ${reason}`, 'network', { cause });
}

interface NodeError extends NodeJS.ErrnoException {
  readonly reason?: string;
}

/** Where several addresses were tried, each has its error. */
function firstOf(error: unknown): NodeError {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0];
  return error instanceof Error ? error : new Error(String(error));
}
