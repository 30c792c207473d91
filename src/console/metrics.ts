import { dataPaths, type Snapshot } from './snapshot.js';

/** Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats), version 0.0.4. */

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string>>;
type Value = readonly [labels: Labels, value: number];

/** What `GET /metrics` answers. Names end as Prometheus wants them: `_total` grows, `_seconds` and `_bytes` are base units. */
export function metricsText({ server, workers, connections, totals, places }: Snapshot): string {
  const { bytes, calls, statuses } = totals;
  return [
    metric('build_info', 'gauge', 'Version of this server, and of the Node that runs it.', [
      [{ version: server.version, node: server.node }, 1],
    ]),
    metric('start_time_seconds', 'gauge', 'When the server was started, seconds since 1970.', [
      [{}, server.startedAt / 1000],
    ]),
    metric('reloads_total', 'counter', 'Configurations put in force after the first one.', [[{}, server.reloads]]),
    metric('connections_accepted_total', 'counter', 'Connections accepted.', [[{}, totals.accepted]]),
    metric('connections_handled_total', 'counter', 'Connections that there was room for.', [[{}, totals.handled]]),
    metric('connections', 'gauge', 'Open connections by what they do.', [
      [{ state: 'reading' }, connections.reading],
      [{ state: 'writing' }, connections.writing],
      [{ state: 'waiting' }, connections.waiting],
    ]),
    metric('requests_total', 'counter', 'Requests begun.', [[{}, totals.requests]]),
    metric(
      'responses_total',
      'counter',
      'Responses by the class of their status.',
      statuses.map((count, index) => [{ class: `${index + 1}xx` }, count]),
    ),
    metric(
      'sent_bytes_total',
      'counter',
      'Bytes that sockets have taken, by the path they came on.',
      dataPaths.map(path => [{ path }, bytes[path]]),
    ),
    metric('socket_full_total', 'counter', 'How often a socket was full in mid-answer (EAGAIN).', [
      [{}, totals.eagain],
    ]),
    metric(
      'page_cache_bytes_total',
      'counter',
      'File bytes under aio threads: in the page cache, or read in by a thread first.',
      [
        [{ result: 'hit' }, totals.pageCache.hits],
        [{ result: 'miss' }, totals.pageCache.misses],
      ],
    ),
    metric('thread_jobs_total', 'counter', 'What threads of the pools have begun to do.', [[{}, totals.threadJobs]]),
    metric('thread_queue_overflows_total', 'counter', 'What the full queue of a pool has refused.', [
      [{}, totals.threadOverflows],
    ]),
    metric(
      'system_calls_total',
      'counter',
      'Kernel calls of the workers.',
      Object.entries(calls).map(([call, count]) => [{ call }, count]),
    ),
    metric('cpu_seconds_total', 'counter', 'CPU time of the workers.', [
      [{ mode: 'user' }, totals.cpuUser],
      [{ mode: 'system' }, totals.cpuSystem],
    ]),
    metric('workers', 'gauge', 'Worker processes by state.', [
      ...(['starting', 'serving', 'leaving'] as const).map(
        state => [{ state }, workers.filter(each => each.state === state).length] as const,
      ),
    ]),
    metric('worker_memory_bytes', 'gauge', 'Resident memory of all workers.', [
      [{}, workers.reduce((sum, { memory }) => sum + memory, 0)],
    ]),
    metric(
      'sendfile_enabled',
      'gauge',
      'Whether sendfile is on, by server and location.',
      places.map(({ id, kind, name, sendfile }) => [{ id, kind, name }, sendfile ? 1 : 0]),
    ),
  ].join('');
}

function metric(name: string, type: 'counter' | 'gauge', help: string, values: readonly Value[]): string {
  const lines = values.map(([labels, value]) => `zerocopy_${name}${labelText(labels)} ${value}\n`);
  return `# HELP zerocopy_${name} ${help}\n# TYPE zerocopy_${name} ${type}\n${lines.join('')}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
