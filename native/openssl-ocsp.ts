/** The functions of openssl(3) that ask what has become of a certificate, and read the answer (OCSP, RFC 6960). */
export const ocspPrototypes = {
  ASN1_TIME_diff: 'int ASN1_TIME_diff(uintptr_t days, uintptr_t seconds, uintptr_t from, uintptr_t to)',
  d2i_OCSP_RESPONSE: 'uintptr_t d2i_OCSP_RESPONSE(uintptr_t response, uintptr_t cursor, long length)',
  i2d_OCSP_REQUEST: 'int i2d_OCSP_REQUEST(uintptr_t request, uintptr_t cursor)',
  OCSP_BASICRESP_free: 'void OCSP_BASICRESP_free(uintptr_t basic)',
  OCSP_basic_verify:
    'int OCSP_basic_verify(uintptr_t basic, uintptr_t certificates, uintptr_t store, unsigned long flags)',
  OCSP_CERTID_free: 'void OCSP_CERTID_free(uintptr_t id)',
  OCSP_cert_status_str: 'const char *OCSP_cert_status_str(long status)',
  OCSP_cert_to_id: 'uintptr_t OCSP_cert_to_id(uintptr_t digest, uintptr_t certificate, uintptr_t issuer)',
  OCSP_check_validity: 'int OCSP_check_validity(uintptr_t from, uintptr_t until, long slack, long oldest)',
  OCSP_REQUEST_free: 'void OCSP_REQUEST_free(uintptr_t request)',
  OCSP_REQUEST_new: 'uintptr_t OCSP_REQUEST_new()',
  OCSP_RESPONSE_free: 'void OCSP_RESPONSE_free(uintptr_t response)',
  OCSP_request_add0_id: 'uintptr_t OCSP_request_add0_id(uintptr_t request, uintptr_t id)',
  OCSP_resp_find_status:
    'int OCSP_resp_find_status(uintptr_t basic, uintptr_t id, uintptr_t status, uintptr_t reason, uintptr_t revoked, uintptr_t from, uintptr_t until)',
  OCSP_response_get1_basic: 'uintptr_t OCSP_response_get1_basic(uintptr_t response)',
  OCSP_response_status: 'int OCSP_response_status(uintptr_t response)',
  OCSP_response_status_str: 'const char *OCSP_response_status_str(long status)',
  OPENSSL_sk_num: 'int OPENSSL_sk_num(uintptr_t stack)',
  OPENSSL_sk_value: 'uintptr_t OPENSSL_sk_value(uintptr_t stack, int index)',
  SSL_get_certificate: 'uintptr_t SSL_get_certificate(uintptr_t ssl)',
  X509_check_issued: 'int X509_check_issued(uintptr_t issuer, uintptr_t certificate)',
  X509_email_free: 'void X509_email_free(uintptr_t texts)',
  X509_get1_ocsp: 'uintptr_t X509_get1_ocsp(uintptr_t certificate)',
  X509_STORE_CTX_free: 'void X509_STORE_CTX_free(uintptr_t context)',
  X509_STORE_CTX_get1_issuer:
    'int X509_STORE_CTX_get1_issuer(uintptr_t issuer, uintptr_t context, uintptr_t certificate)',
  X509_STORE_CTX_init:
    'int X509_STORE_CTX_init(uintptr_t context, uintptr_t store, uintptr_t certificate, uintptr_t others)',
  X509_STORE_CTX_new: 'uintptr_t X509_STORE_CTX_new()',
  X509_up_ref: 'int X509_up_ref(uintptr_t certificate)',
} as const;

/** The responder's certificate is not verified; or: one of those that are given needs no verification. */
export const OCSP_NOVERIFY = 0x10;
export const OCSP_TRUSTOTHER = 0x200;

/** OCSP_RESPONSE_STATUS_SUCCESSFUL: the responder has answered the question. */
export const OCSP_SUCCESSFUL = 0;
/** V_OCSP_CERTSTATUS_GOOD: the certificate was not taken back. */
export const OCSP_GOOD = 0;
