/** What a download has to know of a response's head. */
export interface ResponseSummary {
  /** Bytes of the head with its empty line. */
  readonly size: number;
  readonly contentLength: number;
}

/**
 * Reads the head of a response.
 * @param text what has come so far, a byte string
 * @returns undefined while the head is not complete
 * @throws Error when it is not a 200 with a Content-Length
 */
export function parseResponseHead(text: string): ResponseSummary | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const statusLine = head.split('\r\n', 1)[0]!;
  if (!/^HTTP\/1\.1 200 /.test(statusLine)) throw new Error(`the server answered "${statusLine}"`);
  const length = /\r\nContent-Length: *(\d+)/i.exec(head);
  if (length === null) throw new Error('the response has no Content-Length');
  return { size: end + 4, contentLength: Number(length[1]) };
}
