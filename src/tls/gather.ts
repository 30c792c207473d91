import { result } from '../../native/libc.js';
import { IntCell } from '../../native/memory.js';
import { BIO_C_SET_BUFF_SIZE, BIO_CTRL_FLUSH, openssl } from '../../native/openssl.js';

/** BIO_C_SET_BUFF_SIZE is meant for what is written. */
const forWriting = new IntCell();
forWriting.value = 1;

/**
 * Puts a buffer between OpenSSL and the socket, so that several records leave by one write(2).
 * @param size bytes that it holds before it writes by itself
 * @returns the buffer's BIO, or 0 where there is no memory for it: then all stays as it is
 */
export function beginGathering(ssl: number, size: number): number {
  const { BIO_new, BIO_f_buffer, BIO_ctrl, BIO_free, BIO_push, BIO_up_ref, SSL_get_rbio, SSL_set0_wbio } = openssl();
  const buffer = BIO_new(BIO_f_buffer());
  if (buffer === 0) return 0;
  if (BIO_ctrl(buffer, BIO_C_SET_BUFF_SIZE, size, forWriting.address) !== 1) {
    BIO_free(buffer);
    return 0;
  }
  // the socket's BIO is read from as well: each of its users counts
  const socket = SSL_get_rbio(ssl);
  BIO_up_ref(socket);
  SSL_set0_wbio(ssl, BIO_push(buffer, socket));
  return buffer;
}

/** Writes what is in the buffer: 1 when it is empty, or a negative errno. What the socket did not take stays there. */
export function flushGathered(buffer: number): number {
  return result(openssl().BIO_ctrl(buffer, BIO_CTRL_FLUSH, 0, 0));
}

/** Takes the buffer, which is empty, away again: an idle connection has none. */
export function endGathering(ssl: number): void {
  const { BIO_up_ref, SSL_get_rbio, SSL_set0_wbio } = openssl();
  const socket = SSL_get_rbio(ssl);
  BIO_up_ref(socket);
  SSL_set0_wbio(ssl, socket);
}
