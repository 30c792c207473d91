import { Int64Cell, IntCell, MemoryBlock } from '../../native/memory.js';
import { bytesAt, openssl, stringAt } from '../../native/openssl.js';
import { OCSP_GOOD, OCSP_NOVERIFY, OCSP_SUCCESSFUL, OCSP_TRUSTOTHER } from '../../native/openssl-ocsp.js';
import type { Chain } from './certificates.js';
import { failure } from './failure.js';

/** Clocks differ (seconds). */
const slack = 300;
const anyAge = -1;
const secondsOfDay = 86_400;

const pointerCell = new Int64Cell();
const fromCell = new Int64Cell();
const untilCell = new Int64Cell();
const statusCell = new IntCell();
const daysCell = new IntCell();
const secondsCell = new IntCell();

/** Whom a certificate names to be asked about it; '' for nobody. */
export function responderOf(certificate: number): string {
  const { X509_get1_ocsp, OPENSSL_sk_num, OPENSSL_sk_value, X509_email_free } = openssl();
  const urls = X509_get1_ocsp(certificate);
  if (urls === 0) return '';
  const first = OPENSSL_sk_num(urls) > 0 ? stringAt(OPENSSL_sk_value(urls, 0)) : '';
  X509_email_free(urls);
  return first;
}

/**
 * Who has signed a certificate: of those that are shown with it, or that a store trusts.
 * @returns X509, which is the caller's to free; 0 where nobody knows
 */
export function issuerOf({ certificate, certificates }: Chain, store: number): number {
  const { X509_check_issued, X509_up_ref } = openssl();
  for (const other of certificates.slice(1)) {
    if (X509_check_issued(other, certificate) !== 0) continue;
    X509_up_ref(other);
    return other;
  }
  const { X509_STORE_CTX_new, X509_STORE_CTX_init, X509_STORE_CTX_get1_issuer, X509_STORE_CTX_free } = openssl();
  const context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, 0, 0);
  const found = X509_STORE_CTX_get1_issuer(pointerCell.address, context, certificate);
  X509_STORE_CTX_free(context);
  return found === 1 ? pointerCell.value : 0;
}

/** What a responder is asked: whether a certificate still holds. It keeps the issuer, and is kept as long as the chain. */
export class OcspQuestion {
  /** As it is sent (DER). */
  readonly request: Buffer;
  /** OCSP_CERTID, STACK_OF(X509): what is asked about, and who may have signed the answer. */
  private readonly id: number;
  private readonly signers: number;

  /**
   * @param issuer X509
   * @param store of those that are trusted
   * @param verify whether a responder's own certificate has to lead to one of them
   */
  constructor(
    { certificate, certificates }: Chain,
    private readonly issuer: number,
    private readonly store: number,
    private readonly verify: boolean,
  ) {
    const { OCSP_cert_to_id, OPENSSL_sk_new_null, OPENSSL_sk_push } = openssl();
    this.request = requestFor(certificate, issuer);
    this.id = OCSP_cert_to_id(0, certificate, issuer);
    this.signers = OPENSSL_sk_new_null();
    for (const one of [...certificates.slice(1), issuer]) OPENSSL_sk_push(this.signers, one);
  }

  /**
   * Checks an answer.
   * @returns for how many seconds it holds
   * @throws Error with nginx's message where it does not say that the certificate holds
   */
  check(answer: Uint8Array): number {
    const { OCSP_response_status, OCSP_response_status_str, OCSP_response_get1_basic } = openssl();
    const { OCSP_RESPONSE_free, OCSP_BASICRESP_free } = openssl();
    const response = parse(answer);
    let basic = 0;
    try {
      const status = OCSP_response_status(response);
      if (status !== OCSP_SUCCESSFUL) {
        throw new Error(`OCSP response not successful (${status}: ${OCSP_response_status_str(status)})`);
      }
      basic = OCSP_response_get1_basic(response);
      if (basic === 0) throw failure('OCSP_response_get1_basic()');
      return this.checkBasic(basic);
    } finally {
      OCSP_BASICRESP_free(basic);
      OCSP_RESPONSE_free(response);
    }
  }

  free(): void {
    const { OCSP_CERTID_free, OPENSSL_sk_free, X509_free } = openssl();
    OCSP_CERTID_free(this.id);
    OPENSSL_sk_free(this.signers);
    X509_free(this.issuer);
  }

  private checkBasic(basic: number): number {
    const { OCSP_basic_verify, OCSP_resp_find_status, OCSP_cert_status_str, OCSP_check_validity } = openssl();
    if (OCSP_basic_verify(basic, this.signers, this.store, this.verify ? OCSP_TRUSTOTHER : OCSP_NOVERIFY) !== 1) {
      throw failure('OCSP_basic_verify()');
    }
    const cells = [statusCell.address, 0, 0, fromCell.address, untilCell.address];
    if (OCSP_resp_find_status(basic, this.id, ...cells) !== 1) {
      throw new Error('certificate status not found in the OCSP response');
    }
    const { value: status } = statusCell;
    if (OCSP_check_validity(fromCell.value, untilCell.value, slack, anyAge) !== 1) {
      throw failure('OCSP_check_validity()');
    }
    if (status !== OCSP_GOOD) {
      throw new Error(`certificate status "${OCSP_cert_status_str(status)}" in the OCSP response`);
    }
    return secondsUntil(untilCell.value);
  }
}

/** @returns OCSP_RESPONSE. @throws Error */
function parse(answer: Uint8Array, call = 'd2i_OCSP_RESPONSE()'): number {
  const block = new MemoryBlock(Math.max(1, answer.length));
  block.bytes.set(answer);
  pointerCell.value = block.address;
  const response = openssl().d2i_OCSP_RESPONSE(0, pointerCell.address, answer.length);
  if (response === 0) throw failure(call);
  return response;
}

/**
 * The bytes of an OCSP response.
 * @param call what is said to have failed where they are none
 * @throws Error
 */
export function responseBlock(answer: Uint8Array, call?: string): MemoryBlock {
  openssl().OCSP_RESPONSE_free(parse(answer, call));
  const block = new MemoryBlock(answer.length);
  block.bytes.set(answer);
  return block;
}

function requestFor(certificate: number, issuer: number): Buffer {
  const { OCSP_REQUEST_new, OCSP_request_add0_id, OCSP_cert_to_id, i2d_OCSP_REQUEST, OCSP_REQUEST_free } = openssl();
  const { CRYPTO_free } = openssl();
  const request = OCSP_REQUEST_new();
  // the id belongs to the request from here on
  OCSP_request_add0_id(request, OCSP_cert_to_id(0, certificate, issuer));
  pointerCell.value = 0;
  const length = i2d_OCSP_REQUEST(request, pointerCell.address);
  OCSP_REQUEST_free(request);
  if (length <= 0) throw failure('i2d_OCSP_REQUEST()');
  const bytes = bytesAt(pointerCell.value, length);
  CRYPTO_free(pointerCell.value, 0, 0);
  return bytes;
}

/** @param time ASN1_GENERALIZEDTIME; 0 for one that never comes */
function secondsUntil(time: number): number {
  if (time === 0) return Number.POSITIVE_INFINITY;
  if (openssl().ASN1_TIME_diff(daysCell.address, secondsCell.address, 0, time) !== 1) {
    throw new Error('invalid nextUpdate time in certificate status');
  }
  return daysCell.value * secondsOfDay + secondsCell.value;
}
