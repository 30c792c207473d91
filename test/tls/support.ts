/** Clients that speak TLS to a TestServer: it listens for them at its second port, and for plain HTTP at the first. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { Client, type Reply, request, waitFor } from '../server/client.js';
import type { Site, TestServer } from '../server/harness.js';
import type { Certificates } from './certificates.js';

export const bothListens = ['127.0.0.1:{port}', '127.0.0.1:{port2} ssl'] as const;

/** Lines of a server with a certificate of its own. */
export function pair(certificates: Certificates, name: string): string {
  return `ssl_certificate ${certificates.path(name)}.pem; ssl_certificate_key ${certificates.path(name)}.key;\n`;
}

/** A site of both ports, patient with clients on a busy machine. @param server its lines, with the certificate */
export function tlsSite(server: string, rest: Site = {}): Site {
  const http = { client_header_timeout: '10s', send_timeout: '10s', ...rest.http };
  return { listen: bothListens, ...rest, http, server };
}

/** A further server on the second port. */
export function namedServer(names: string, lines: string): string {
  return `server { listen 127.0.0.1:{port2} ssl; server_name ${names}; root {root}; ${lines} }\n`;
}

/** Bytes of the heap that OpenSSL's and koffi's malloc take from; V8's own memory is elsewhere. */
export function heapSize(pid: number | 'self'): number {
  const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) .*\[heap\]$/m.exec(readFileSync(`/proc/${pid}/maps`, 'ascii')) ?? [];
  return Number.parseInt(to, 16) - Number.parseInt(from, 16);
}

export interface SecureClient {
  readonly client: Client;
  readonly socket: TLSSocket;
}

/** @throws Error of Node's where the handshake fails */
export async function secure(server: TestServer, options: ConnectionOptions = {}): Promise<SecureClient> {
  const socket = connect({ host: '127.0.0.1', port: server.ports[1], rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return { socket, client: Client.over(socket) };
}

/** One request over a connection of its own. @param lines further header lines; a Host among them takes the place of test.local */
export async function secureFetch(
  server: TestServer,
  path: string,
  options: ConnectionOptions = {},
  lines: readonly string[] = [],
  method = 'GET',
): Promise<Reply> {
  const { client } = await secure(server, options);
  try {
    return await exchange(client, path, lines, method);
  } finally {
    client.close();
  }
}

/** A request, and its answer. */
export async function exchange(
  client: Client,
  path: string,
  lines: readonly string[] = [],
  method = 'GET',
): Promise<Reply> {
  const host = lines.some(line => line.startsWith('Host:'));
  const head = request(method, path, ...lines);
  client.send(host ? head.replace('Host: test.local\r\n', '') : head);
  return client.reply(method);
}

/** Why a handshake failed, in Node's words: a code of OpenSSL's or of the system. */
export async function refused(server: TestServer, options: ConnectionOptions = {}): Promise<string> {
  try {
    const { client } = await secure(server, options);
    client.close();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
  throw new Error('the handshake was not refused');
}

/** The common name of the certificate that the server shows. */
export async function certificateShown(server: TestServer, options: ConnectionOptions = {}): Promise<string> {
  const { socket, client } = await secure(server, options);
  const { subject } = socket.getPeerCertificate();
  client.close();
  return `${subject.CN}`;
}

/** The OCSP response that comes with the certificate, for who asks for one; null for none. */
export async function stapleShown(
  server: TestServer,
  servername: string,
  maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3',
): Promise<Buffer | null> {
  const options = { host: '127.0.0.1', port: server.ports[1], rejectUnauthorized: false, requestOCSP: true };
  const socket = connect({ ...options, servername, maxVersion });
  let response: Buffer | null = null;
  // there is always one: an empty one, or null, where nothing came
  socket.on('OCSPResponse', (given: Buffer | null) => {
    response = given?.length ? given : null;
  });
  await once(socket, 'secureConnect');
  socket.destroy();
  return response;
}

/** A session that can be taken up again: what the server gives with a first request. */
export async function sessionOf(
  server: TestServer,
  path: string,
  options: ConnectionOptions = {},
  lines: readonly string[] = [],
): Promise<Buffer> {
  const { client, socket } = await secure(server, options);
  let session: Buffer | undefined;
  // with TLS 1.3 it comes after the handshake
  socket.on('session', (given: Buffer) => {
    session = given;
  });
  await exchange(client, path, lines);
  await waitFor('a session', () => session !== undefined || socket.getProtocol() !== 'TLSv1.3');
  const found = session ?? socket.getSession();
  client.close();
  return found as Buffer;
}

export interface Resumed {
  readonly isReused: boolean;
  readonly reply: Reply;
}

/** A request over a connection that wants to take up a session again. */
export async function resume(
  server: TestServer,
  session: Buffer,
  path: string,
  options: ConnectionOptions = {},
  lines: readonly string[] = [],
): Promise<Resumed> {
  const { client, socket } = await secure(server, { ...options, session });
  const reply = await exchange(client, path, lines);
  const isReused = socket.isSessionReused();
  client.close();
  return { isReused, reply };
}
