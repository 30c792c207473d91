/** nginx's words for the status line; some differ from RFC 9110 (302, 405, 413, 414, 503, 504). */
const PHRASES = new Map<number, string>([
  [100, 'Continue'],
  [200, 'OK'],
  [201, 'Created'],
  [202, 'Accepted'],
  [204, 'No Content'],
  [206, 'Partial Content'],
  [301, 'Moved Permanently'],
  [302, 'Moved Temporarily'],
  [303, 'See Other'],
  [304, 'Not Modified'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Not Allowed'],
  [406, 'Not Acceptable'],
  [408, 'Request Time-out'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [411, 'Length Required'],
  [412, 'Precondition Failed'],
  [413, 'Request Entity Too Large'],
  [414, 'Request-URI Too Large'],
  [415, 'Unsupported Media Type'],
  [416, 'Requested Range Not Satisfiable'],
  [421, 'Misdirected Request'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Temporarily Unavailable'],
  [504, 'Gateway Time-out'],
  [505, 'HTTP Version Not Supported'],
  [507, 'Insufficient Storage'],
]);

/** The words of a status in nginx's status line; '' for one that nginx has no words for. */
export function reasonPhrase(status: number): string {
  return PHRASES.get(wireStatus(status)) ?? '';
}

/**
 * The status that the client is told: nginx's own 494 (head too large), 495 and 496 (client certificate) and 497 (plain HTTP
 * to an HTTPS port) are all 400 on the wire.
 */
export function wireStatus(status: number): number {
  return status >= 494 && status <= 497 ? 400 : status;
}
