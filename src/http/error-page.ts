import { escapeRefresh } from './escape.js';
import { reasonPhrase } from './status.js';
import { isExplorer } from './user-agents.js';

/** Second lines of the pages for nginx's own statuses, which the client sees as 400. */
const DETAILS = new Map<number, string>([
  [494, 'Request Header Or Cookie Too Large'],
  [495, 'The SSL certificate error'],
  [496, 'No required SSL certificate was sent'],
  [497, 'The plain HTTP request was sent to HTTPS port'],
]);

/** Pages whose heading is not the status line's phrase. */
const HEADINGS = new Map<number, string>([
  [302, '302 Found'],
  [401, '401 Authorization Required'],
]);

const PADDING = '<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n';
const FIRST_PADDED = 400;

/** Whether a browser calls itself one that nginx pads its pages for. */
export function needsPadding(userAgent: string | undefined): boolean {
  if (userAgent === undefined || userAgent.includes('Opera')) return false;
  return isExplorer(userAgent) || (userAgent.includes('Chrome/') && !userAgent.includes('Gecko/'));
}

/**
 * The page that nginx sends with a status by itself, byte for byte.
 * @param signature the server's name at the foot, with or without version
 * @param padded whether it is for a browser that would show a page of its own in the place of a short one
 * @returns HTML with CR LF line ends; '' for a status that has no page (below 301, 304, and those nginx has no words for)
 */
export function errorPage(status: number, signature: string, padded = false): string {
  const phrase = reasonPhrase(status);
  if (status < 301 || status === 304 || phrase === '') return '';
  const detail = DETAILS.get(status);
  const heading = detail === undefined ? (HEADINGS.get(status) ?? `${status} ${phrase}`) : `400 ${phrase}`;
  const title = detail === undefined ? heading : `400 ${detail}`;
  return (
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n` +
    `<center><h1>${heading}</h1></center>\r\n` +
    (detail === undefined ? '' : `<center>${detail}</center>\r\n`) +
    `<hr><center>${signature}</center>\r\n</body>\r\n</html>\r\n` +
    (padded && status >= FIRST_PADDED ? PADDING.repeat(6) : '')
  );
}

/** A page that sends a browser on (`msie_refresh`). */
export function refreshPage(location: string): string {
  return `<html><head><meta http-equiv="Refresh" content="0; URL=${escapeRefresh(location)}"></head><body></body></html>\r\n`;
}
