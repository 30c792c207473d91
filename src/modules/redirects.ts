/** How redirects to this server itself are written: `absolute_redirect`, `port_in_redirect`, `server_name_in_redirect`. */
import type { Module, Request } from './module.js';
import { EVERYWHERE, flag } from './rows.js';

declare module '../conf/settings.js' {
  interface Settings {
    absoluteRedirect: boolean;
    portInRedirect: boolean;
    serverNameInRedirect: boolean;
  }
}

/** What goes before a Location that begins with "/": `http://host:8080`; '' leaves it as it is. */
export function redirectBase(request: Request): string {
  const { settings, tls, client } = request;
  if (!settings.absoluteRedirect) return '';
  const port = client.serverPort;
  const isUsual = port === 0 || port === (tls === null ? 80 : 443);
  const scheme = tls === null ? 'http' : 'https';
  return `${scheme}://${nameOf(request)}${isUsual || !settings.portInRedirect ? '' : `:${port}`}`;
}

/** The server's own name where that is asked for, else what the client called it, or else where it was reached. */
function nameOf({ settings, server, head, client }: Request): string {
  if (settings.serverNameInRedirect) return server.settings.serverName[0]?.text ?? '';
  return head.host !== '' ? head.host : client.serverAddress;
}

export const redirects: Module = {
  name: 'redirects',
  directives: [
    flag('absolute_redirect', 'absoluteRedirect', EVERYWHERE, 'on', 'Whether redirects to this server name it.'),
    flag(
      'port_in_redirect',
      'portInRedirect',
      EVERYWHERE,
      'on',
      'Whether they name its port, where it is not the usual one.',
    ),
    flag(
      'server_name_in_redirect',
      'serverNameInRedirect',
      EVERYWHERE,
      'off',
      'Whether they use the first server_name instead of the name that the client has used.',
    ),
  ],
};
