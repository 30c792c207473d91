import type { TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { randomBytes } from 'node:crypto';
import { makeChange } from './control.js';
import { loadPage } from './files.js';
import { isOwnHost, isOwnOrigin, isSame, isUser, type Rights, whyNoControl } from './guard.js';
import { type ConsoleHost, Refusal, type Watcher } from './host.js';
import { Live } from './live.js';
import { metricsText, metricsType } from './metrics.js';
import { Sampler } from './sampler.js';
import type { ControlAnswer, ControlFacts, ControlOffer } from './snapshot.js';
import { Status } from './status.js';
import { loadUws, type Uws } from './uws.js';
import { answerAll, type WebAnswer, type WebRequest } from './web.js';

/** ms from one sample to the next, and from a change until it is told: several come together. */
const samplePeriod = 1000;
const changeDelay = 50;

/** LIBUS_LISTEN_EXCLUSIVE_PORT: else two servers could share the port, and each get some of the requests. */
const exclusivePort = 1;

const json = 'application/json; charset=utf-8';

/** The live page, the metrics and the switches of a server, on an address of their own. */
export class Console implements Omit<Watcher, 'configured'> {
  /** What `POST /control` and the WebSocket want, and pages of others cannot read. */
  private readonly token = randomBytes(24).toString('base64url');
  private readonly sampler: Sampler;
  private readonly status: Status;
  private readonly live: Live;
  private readonly page = loadPage();
  private readonly app: TemplatedApp;
  private socket: us_listen_socket | null = null;
  private sampling: NodeJS.Timeout | undefined;
  private telling: NodeJS.Timeout | undefined;
  /** Said once: it would be said each second. */
  private hasFailed = false;

  private constructor(
    private readonly host: ConsoleHost,
    private readonly rights: Rights,
    private readonly uws: Uws,
  ) {
    this.sampler = new Sampler(host);
    this.status = new Status(host, this.sampler, uws.backend, () => this.control);
    this.live = new Live(this.status, this.sampler.recent);
    this.app = uws.App();
    if (uws.backend === 'native') this.live.listen(this.app, (header, query) => this.examineLive(header, query));
    answerAll(this.app, uws, request => this.answer(request));
  }

  /**
   * @returns when it listens
   * @throws Error where it cannot listen, or uWebSockets.js is not there
   */
  static async start(host: ConsoleHost, rights: Rights): Promise<Console> {
    const started = new Console(host, rights, loadUws());
    await started.listen();
    return started;
  }

  get backend(): Uws['backend'] {
    return this.uws.backend;
  }

  stop(): void {
    clearInterval(this.sampling);
    clearTimeout(this.telling);
    this.live.close();
    if (this.socket !== null) this.uws.us_listen_socket_close(this.socket);
    this.socket = null;
  }

  changed(): void {
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      this.safely(() => this.live.push(null));
    }, changeDelay);
  }

  ended: Watcher['ended'] = worker => this.safely(() => this.sampler.ended(worker));

  /** A bug of the console must not end the master. */
  private safely(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!this.hasFailed) this.host.log('alert', `console: internal error: ${(error as Error).stack}`);
      this.hasFailed = true;
    }
  }

  private async listen(): Promise<void> {
    const { host, port } = this.rights.address;
    // the stand-in and the native build take options between port and callback; the types of the package know it for a port alone
    const listen = this.app.listen.bind(this.app) as unknown as (
      host: string,
      port: number,
      options: number,
      listening: (socket: us_listen_socket | false) => void,
    ) => void;
    const socket = await new Promise<us_listen_socket | false>(resolve => listen(host, port, exclusivePort, resolve));
    if (socket === false)
      throw new Error(`it cannot listen on ${host}:${port} (in use, or no address of this machine)`);
    this.socket = socket;
    this.sampling = setInterval(() => this.safely(() => this.live.push(this.sampler.sample())), samplePeriod);
  }

  private get control(): ControlFacts {
    const reason = whyNoControl(this.rights, this.host.hasMaster);
    return { allowed: reason === '', reason };
  }

  /** Whether a request may be answered: '' or a status line. */
  private examine(header: (name: string) => string, token = ''): string {
    if (!isOwnHost(header('host'), this.rights)) return '421 Misdirected Request';
    if (!isOwnOrigin(header('origin'), header('host'))) return '403 Forbidden';
    const { user } = this.rights;
    if (user === null || (token !== '' && isSame(token, this.token))) return '';
    return isUser(header('authorization'), user) ? '' : '401 Unauthorized';
  }

  private examineLive(header: (name: string) => string, query: string): string {
    return this.examine(header, new URLSearchParams(query).get('token') ?? '');
  }

  private answer(request: WebRequest): WebAnswer | ((body: string) => Promise<WebAnswer>) {
    const { method, path } = request;
    if (path === '/healthz') return this.health();
    const refused = this.examine(name => request.header(name));
    if (refused !== '') return refusal(refused);
    if (path === '/control' && method === 'POST') return this.answerControl(request);
    if (method !== 'GET' && method !== 'HEAD') {
      return { status: '405 Method Not Allowed', headers: { Allow: 'GET, HEAD' }, body: 'GET or HEAD\n' };
    }
    return this.answerGet(path);
  }

  private answerGet(path: string): WebAnswer {
    switch (path) {
      case '/status':
        return { status: '200 OK', type: json, body: JSON.stringify(this.status.snapshot()) };
      case '/metrics':
        return { status: '200 OK', type: metricsType, body: metricsText(this.status.snapshot()) };
      case '/control':
        return { status: '200 OK', type: json, body: JSON.stringify(this.offer()) };
    }
    const file = this.page.get(path);
    if (file === undefined) return { status: '404 Not Found', body: 'there is no such page of the console\n' };
    return { status: '200 OK', type: file.type, body: file.bytes };
  }

  /** Whether it serves: for whoever starts it again where it does not. Everybody may ask. */
  private health(): WebAnswer {
    const serves = this.host.isServing && this.host.workers.some(({ state }) => state === 'serving');
    return serves ? { status: '200 OK', body: 'ok\n' } : { status: '503 Service Unavailable', body: 'not serving\n' };
  }

  private offer(): ControlOffer {
    const { control } = this;
    return { ...control, token: control.allowed ? this.token : '' };
  }

  private answerControl(request: WebRequest): WebAnswer | ((body: string) => Promise<WebAnswer>) {
    const { allowed, reason } = this.control;
    if (!allowed) return controlAnswer('403 Forbidden', reason);
    if (!isSame(request.header('x-zerocopy-token'), this.token)) {
      return controlAnswer(
        '403 Forbidden',
        'the token of GET /control is missing in X-Zerocopy-Token, or is not this one',
      );
    }
    if (!/^application\/json\b/i.test(request.header('content-type'))) {
      return controlAnswer('415 Unsupported Media Type', 'the body has to be application/json');
    }
    const { remote } = request;
    return async body => {
      try {
        await makeChange(this.host, body, remote === '' ? 'the console' : remote);
        return controlAnswer('200 OK', '');
      } catch (error) {
        if (error instanceof Refusal) return controlAnswer(statusLines[error.status], error.message);
        throw error;
      }
    };
  }
}

const statusLines = { 400: '400 Bad Request', 404: '404 Not Found', 409: '409 Conflict' } as const;

/** @param reason '' for none */
function controlAnswer(status: string, reason: string): WebAnswer {
  const answer: ControlAnswer = reason === '' ? { ok: true } : { ok: false, reason };
  return { status, type: json, body: JSON.stringify(answer) };
}

function refusal(status: string): WebAnswer {
  const headers: Record<string, string> = {};
  if (status.startsWith('401')) headers['WWW-Authenticate'] = 'Basic realm="Zerocopy console", charset="UTF-8"';
  const reasons: Record<string, string> = {
    '401': 'name and password of console_auth are needed',
    '403': 'another site may not ask this console',
    '421': 'this console answers under names of the loopback only',
  };
  return { status, headers, body: `${reasons[status.slice(0, 3)]}\n` };
}
