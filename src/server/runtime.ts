import { LocationTree } from '../conf/locations.js';
import { ServerNames } from '../conf/server-names.js';
import type { Settings } from '../conf/settings.js';
import { ConfigError } from '../conf/syntax.js';
import type { Config, LocationConfig, ServerConfig } from '../conf/tree.js';
import type { ParserOptions } from '../http/request-parser.js';
import { type ThreadPool, threadPoolsOf } from '../modules/aio.js';
import { modules } from '../modules/all.js';
import { consoleWarnings } from '../modules/console.js';
import { type Listen, mergeListens } from '../modules/listen.js';
import type { Handler, Phases } from '../modules/module.js';
import type { OutputLimits } from '../output/transfer.js';
import type { TlsContext } from '../tls/context.js';
import type { NamedServer, TlsAddress } from '../tls/names.js';
import { endAccess } from './access.js';
import type { FileCacheSettings } from './files.js';
import { headLimit } from './input-buffer.js';

/**
 * A configuration, made ready to serve: for each location the handlers in the order in which they run, so that a module
 * that a location does not use costs its requests nothing.
 */

/** A location (or a server, where no location is found) as requests use it. */
export class LocationRuntime {
  /** Of the server level, before a location is looked up. */
  readonly serverRewrite: readonly Handler[];
  /** From rewrite to content, in order. */
  readonly handlers: readonly Handler[];
  /** The handlers of the access phase: from here, and up to what ends it. Both are the same where there are none. */
  readonly accessStart: number;
  readonly accessEnd: number;
  readonly filters: readonly Handler[];
  readonly logs: readonly Handler[];
  readonly fileCache: FileCacheSettings;
  readonly limits: OutputLimits;
  readonly settings: Settings;
  /** Takes the place of this one for the methods that `limit_except` does not name. */
  private readonly forOthers: LocationRuntime | null;

  /** What takes its place where a condition is true, and then has these itself. */
  readonly branches: readonly LocationRuntime[];
  private readonly rewrite: readonly Handler[];

  /** @param script the location whose script it is that chooses this one; `null`: it runs no script, as a server's does already */
  constructor(
    readonly config: LocationConfig,
    script?: LocationRuntime | null,
  ) {
    const { settings, limitExcept, branches = [] } = config;
    this.settings = settings;
    this.forOthers =
      limitExcept === undefined
        ? null
        : new LocationRuntime({ ...config, settings: limitExcept.settings, limitExcept: undefined });
    const phases = modules.map(module => module.phases?.(settings) ?? {});
    this.serverRewrite = collect(phases, 'serverRewrite');
    // a branch is entered in the midst of the script, which then is to go on in it
    this.rewrite = script === undefined ? collect(phases, 'rewrite') : (script?.rewrite ?? []);
    const own: LocationRuntime[] = [];
    this.branches = script?.branches ?? own;
    own.push(...branches.map(branch => new LocationRuntime(branch, this)));
    const before = [...this.rewrite, ...collect(phases, 'preaccess')];
    const access = collect(phases, 'access');
    if (access.length > 0) access.push(endAccess);
    this.accessStart = before.length;
    this.accessEnd = before.length + access.length;
    this.handlers = [...before, ...access, ...collect(phases, 'precontent'), ...collect(phases, 'content')];
    this.filters = collect(phases, 'filter');
    this.logs = collect(phases, 'log');
    this.fileCache = {
      cache: settings.openFileCache,
      valid: settings.openFileCacheValid,
      minUses: settings.openFileCacheMinUses,
      errors: settings.openFileCacheErrors,
      readAhead: settings.readAhead > 0,
    };
    this.limits = {
      share: settings.sendfileMaxChunk,
      bufferNumber: settings.outputBuffers.count,
      bufferSize: settings.outputBuffers.size,
      cork: settings.tcpNopush,
    };
  }

  /** This location, or what `limit_except` has in its place for a method. */
  for(method: string): LocationRuntime {
    if (this.forOthers === null || this.config.limitExcept?.methods.includes(method)) return this;
    return this.forOthers;
  }
}

function collect(phases: readonly Phases[], name: keyof Phases): Handler[] {
  return phases.map(each => each[name]).filter(handler => handler !== undefined);
}

export class ServerRuntime implements NamedServer {
  /** Set when a process begins to serve; null where the server has no certificate. */
  tls: TlsContext | null = null;
  /** Stands in for a location before one is found, and where none is. */
  readonly self: LocationRuntime;
  private readonly tree: LocationTree;
  private readonly locations = new Map<LocationConfig, LocationRuntime>();

  constructor(readonly config: ServerConfig) {
    const { settings, locations } = config;
    this.self = new LocationRuntime({ kind: 'prefix', pattern: '', settings, locations }, null);
    this.tree = new LocationTree(locations);
    this.compile(locations);
  }

  get rejectsHandshakes(): boolean {
    return this.config.settings.sslRejectHandshake;
  }

  find(uri: string): LocationRuntime {
    const found = this.tree.find(uri);
    return found === null ? this.self : (this.locations.get(found) as LocationRuntime);
  }

  findNamed(name: string): LocationRuntime | null {
    const found = this.tree.findNamed(name);
    return found === null ? null : (this.locations.get(found) as LocationRuntime);
  }

  /** What the regular expression of the last `find` captured. */
  get captures(): RegExpExecArray | null {
    return this.tree.captures;
  }

  private compile(locations: readonly LocationConfig[]): void {
    for (const location of locations) {
      this.locations.set(location, new LocationRuntime(location));
      this.compile(location.locations);
    }
  }
}

/** The servers that share one address. */
export class AddressRuntime implements TlsAddress {
  readonly names: ServerNames;
  readonly fallback: ServerRuntime;
  readonly takesEarlyData: boolean;
  /** How heads are read before they have named one of them: as the first of them says, with the most lines that one takes. */
  readonly parserOptions: ParserOptions;
  private lastHost: string | null = null;
  private lastServer: ServerRuntime;

  constructor(
    readonly listen: Listen,
    servers: readonly ServerConfig[],
    private readonly runtimes: ReadonlyMap<ServerConfig, ServerRuntime>,
  ) {
    const isDefault = (server: ServerConfig) =>
      server.settings.listen.some(one => one.key === listen.key && one.defaultServer);
    const fallback = servers.find(isDefault) ?? servers[0];
    const entries = servers.map(server => ({ names: server.settings.serverName, server }));
    this.names = new ServerNames(listen.key, entries, fallback);
    this.fallback = runtimes.get(fallback) as ServerRuntime;
    this.lastServer = this.fallback;
    this.takesEarlyData = servers.some(({ settings }) => settings.sslEarlyData);
    this.parserOptions = parserOptions(this.fallback.self.settings, servers);
  }

  findNamed(name: string): ServerRuntime {
    return name === '' ? this.fallback : this.find(name);
  }

  /** @param host lower case, without port; '' for none */
  find(host: string): ServerRuntime {
    // most requests name the host that the one before them named; captures belong to the request that made them
    if (host === this.lastHost && this.names.captures === null) return this.lastServer;
    this.lastHost = host;
    this.lastServer = this.runtimes.get(this.names.find(host)) as ServerRuntime;
    return this.lastServer;
  }
}

function parserOptions(settings: Settings, servers: readonly ServerConfig[]): ParserOptions {
  const { mergeSlashes, ignoreInvalidHeaders, underscoresInHeaders, largeClientHeaderBuffers } = settings;
  return {
    ...{ mergeSlashes, ignoreInvalidHeaders, underscoresInHeaders },
    maxHeaders: Math.max(...servers.map(server => server.settings.maxHeaders)),
    maxLine: largeClientHeaderBuffers.size,
    maxHead: headLimit(settings),
  };
}

/** All that a worker needs of a configuration. */
export class Runtime {
  /** The addresses that are listened on, each once. */
  readonly listens: readonly Listen[];
  readonly addresses: readonly AddressRuntime[];
  /** Those that can be reached by TLS. */
  readonly tlsServers: readonly ServerRuntime[];
  readonly warnings: readonly string[];
  readonly threadPools: readonly ThreadPool[];

  constructor(readonly config: Config) {
    this.threadPools = threadPoolsOf(config);
    const runtimes = new Map(config.servers.map(server => [server, new ServerRuntime(server)]));
    this.listens = [...mergeListens(config.servers).values()];
    this.addresses = this.listens.map(listen => {
      const servers = config.servers.filter(server => server.settings.listen.some(one => one.key === listen.key));
      return new AddressRuntime(listen, servers, runtimes);
    });
    this.tlsServers = this.findTlsServers(runtimes);
    const names = this.addresses.flatMap(address => address.names.warnings);
    this.warnings = [...config.warnings, ...consoleWarnings(config.main), ...names];
  }

  /**
   * The servers of encrypted addresses that have a certificate, or refuse handshakes.
   * @throws ConfigError where the default server of such an address has neither
   */
  private findTlsServers(runtimes: ReadonlyMap<ServerConfig, ServerRuntime>): ServerRuntime[] {
    const isReady = ({ settings }: ServerConfig) => settings.sslCertificate.length > 0 || settings.sslRejectHandshake;
    for (const { listen, fallback } of this.addresses.filter(address => address.listen.ssl)) {
      if (isReady(fallback.config)) continue;
      const { file, line } = listen;
      throw new ConfigError('no "ssl_certificate" is defined for the "listen ... ssl" directive', file, line);
    }
    const keys = new Set(this.listens.filter(({ ssl }) => ssl).map(({ key }) => key));
    return [...runtimes]
      .filter(([config]) => isReady(config) && config.settings.listen.some(({ key }) => keys.has(key)))
      .map(([, runtime]) => runtime);
  }
}
