/** What the console shows, as JSON: `GET /status`, and the messages of its WebSocket. The page reads the same types. */

/** How bytes reached sockets. */
export const dataPaths = ['sendfile', 'buffers', 'ktls', 'tls', 'memory'] as const;
/**
 * `sendfile`: the kernel moved file pages. `buffers`: files by way of output buffers (pread, writev). `ktls`: either of the two over HTTPS,
 * encrypted by the kernel. `tls`: files by way of output buffers over HTTPS, encrypted by the worker. `memory`: heads, and bodies
 * that no file holds.
 */
export type DataPath = (typeof dataPaths)[number];

/** All that `GET /status` gives. Times are milliseconds since 1970, unless they say otherwise; texts are UTF-8. */
export interface Snapshot {
  readonly server: ServerFacts;
  readonly control: ControlFacts;
  readonly workers: readonly WorkerFacts[];
  readonly places: readonly PlaceFacts[];
  readonly connections: ConnectionFacts;
  /** Since the master started, workers that have gone included. */
  readonly totals: Totals;
  /** One a second, the oldest first: the last ten minutes. */
  readonly history: readonly Sample[];
  /** The requests that ended last, the newest first: 100 at most. */
  readonly requests: readonly RequestFacts[];
  /** The last lines of the error logs since the start, the newest first: 50 at most. */
  readonly errors: readonly ErrorLine[];
}

export interface ServerFacts {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  /** What runs the console: `native` (uWebSockets.js), or the package's `stand-in`, which has no WebSocket. */
  readonly backend: 'native' | 'stand-in';
  /** The main file of the configuration. */
  readonly configuration: string;
  readonly startedAt: number;
  /** How often a configuration was put in force after the first one, by signal or by the console. */
  readonly reloads: number;
  /** False where one process does all (`master_process off`). */
  readonly hasMaster: boolean;
}

/** Whether this console may change settings. */
export interface ControlFacts {
  readonly allowed: boolean;
  /** Why not; '' where it may. */
  readonly reason: string;
}

export interface WorkerFacts {
  readonly pid: number;
  /** From 0; a leaving worker and its successor have the same one. */
  readonly number: number;
  readonly state: 'starting' | 'serving' | 'leaving';
  readonly startedAt: number;
  /** Seconds of CPU since its start (to 10 ms). */
  readonly cpuUser: number;
  readonly cpuSystem: number;
  /** Share of one processor in the last second: 0 to 1 and a little more. */
  readonly userShare: number;
  readonly systemShare: number;
  /** Bytes of memory (RSS); 0 where it cannot be read. */
  readonly memory: number;
  readonly connections: number;
}

/** A server or a location, whose data path can be switched. */
export interface PlaceFacts {
  /** Where it stands in the configuration: "0" is the first server, "0/2" its third location, "0/2/0" the first one in that. */
  readonly id: string;
  readonly kind: 'server' | 'location';
  /** `localhost on *:8080`; of a location, what stands between `location` and the brace. */
  readonly name: string;
  /** `conf/nginx.conf:40` */
  readonly where: string;
  readonly sendfile: boolean;
  /** `output_buffers` */
  readonly bufferNumber: number;
  readonly bufferSize: number;
  /** What the console has changed here; the next reload from the file undoes it. */
  readonly changed: readonly ('sendfile' | 'output_buffers')[];
}

export interface ConnectionFacts {
  /** Open connections: the three states together. */
  readonly active: number;
  /** A request head is being read. */
  readonly reading: number;
  /** A request is being answered. */
  readonly writing: number;
  /** Idle, between requests, or closing. */
  readonly waiting: number;
}

/** Bytes of files, where threads read from the disk (`aio threads`). */
export interface PageCacheFacts {
  /** They were in the page cache. */
  readonly hits: number;
  /** A thread had to read them in first. */
  readonly misses: number;
}

/** The pools of threads of all workers together. */
export interface ThreadFacts {
  readonly busy: number;
  /** What waits for a thread. */
  readonly waiting: number;
}

export interface Totals {
  readonly accepted: number;
  readonly handled: number;
  readonly requests: number;
  /** Of responses: [1xx, 2xx, 3xx, 4xx, 5xx]. */
  readonly statuses: readonly number[];
  readonly bytes: Readonly<Record<DataPath, number>>;
  /** How often a socket was full in mid-answer (EAGAIN). */
  readonly eagain: number;
  readonly pageCache: PageCacheFacts;
  /** What threads have done, and what they were not given because the queue was full. */
  readonly threadJobs: number;
  readonly threadOverflows: number;
  /** Kernel calls of the workers by the kernel's name for them; those never made are left out. */
  readonly calls: Readonly<Record<string, number>>;
  /** Seconds of CPU of all workers, those that have gone included. */
  readonly cpuUser: number;
  readonly cpuSystem: number;
}

/** One second. All but the gauges are rates: a second's worth, whatever the sample's real length was. */
export interface Sample {
  /** When it ended. */
  readonly at: number;
  readonly requests: number;
  readonly bytes: Readonly<Record<DataPath, number>>;
  /** Bytes that the workers had read from disks; null where the kernel does not tell (/proc/PID/io). */
  readonly disk: number | null;
  readonly eagain: number;
  readonly pageCache: PageCacheFacts;
  readonly calls: Readonly<Record<string, number>>;
  /** Processors' worth of CPU: 0.5 is half of one. */
  readonly cpuUser: number;
  readonly cpuSystem: number;
  readonly connections: ConnectionFacts;
  readonly threads: ThreadFacts;
}

/** A request that has ended. */
export interface RequestFacts {
  /** Grows by one with each request that this console has seen. */
  readonly serial: number;
  readonly at: number;
  /** Milliseconds from its first byte to its end. */
  readonly took: number;
  readonly pid: number;
  readonly client: string;
  /** As the client sent it, cut after 300 characters: `GET /test.dat HTTP/1.1`. */
  readonly line: string;
  /** 0 where nothing was answered. */
  readonly status: number;
  /** Bytes sent, head included. */
  readonly bytes: number;
  readonly path: DataPath;
  readonly sendfile: number;
  readonly pread: number;
  readonly writev: number;
  readonly eagain: number;
  /** False where the client had gone, or the file came to its end too early. */
  readonly complete: boolean;
}

export interface ErrorLine {
  readonly serial: number;
  /** As in the error log, cut after 300 characters. */
  readonly text: string;
}

/**
 * A message of the WebSocket (`/live`). The first one, and each after a gap (a client that did not keep up), is `full`; the others have what is new: one sample at most,
 * requests and errors that were not sent before.
 */
export type LiveMessage =
  | { readonly type: 'full'; readonly snapshot: Snapshot }
  | ({ readonly type: 'news' } & Omit<Snapshot, 'history'> & { readonly sample: Sample | null });

/** `POST /control`, with the token of `GET /control` in `X-Zerocopy-Token`: what is left out stays, null is as the file has it. */
export interface ControlRequest {
  /** A place's id. */
  readonly place: string;
  readonly sendfile?: 'on' | 'off' | null;
  /** As the directive: `2 32k`. */
  readonly output_buffers?: string | null;
}

/** What `POST /control` answers: 200, or an error's status. */
export type ControlAnswer = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What `GET /control` answers. */
export interface ControlOffer extends ControlFacts {
  /** '' where control is not allowed. */
  readonly token: string;
}
