/** Servers that say what a test wants them to say. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** What a server does when a request has come: writes, and ends the connection where that is said. */
export interface Script {
  /** By the number of the request on all connections, from 0 on. */
  answer(nth: number, socket: Socket): void;
}

export class ScriptedServer {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(script: Script): Promise<ScriptedServer> {
    let nth = 0;
    const server = createServer(socket => {
      scripted.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', data => {
        const requests = data.toString('latin1').split('\r\n\r\n').length - 1;
        for (let each = 0; each < requests; each++) script.answer(nth++, socket);
      });
    }).listen(0, '127.0.0.1');
    const scripted = new ScriptedServer(server);
    await once(server, 'listening');
    return scripted;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** An answer with its head. */
export function answer(body: string, fields: Readonly<Record<string, string>> = {}, status = '200 OK'): string {
  const all = { 'Content-Length': String(body.length), ...fields };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`;
}
