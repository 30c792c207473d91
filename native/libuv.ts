import { load, proto } from 'koffi';
import { MemoryBlock } from './memory.js';

/**
 * libuv, as the node binary exports it (docs.libuv.org): what is needed to run beside its loop. Its loop is not run from
 * here; Node does that when our loop returns to it.
 */

const node = load(null);

const callDefaultLoop = node.func('uintptr_t uv_default_loop()') as unknown as () => number;
const callBackendFd = node.func('int uv_backend_fd(uintptr_t loop)') as unknown as (loop: number) => number;
const callUpdateTime = node.func('void uv_update_time(uintptr_t loop)') as unknown as (loop: number) => void;
const callIsActive = node.func('int uv_is_active(uintptr_t handle)') as unknown as (handle: number) => number;
const callHandleType = node.func('int uv_handle_get_type(uintptr_t handle)') as unknown as (handle: number) => number;
const callDueIn = node.func('uint64_t uv_timer_get_due_in(uintptr_t timer)') as unknown as (timer: number) => number;
proto('void ZerocopyWalk(uintptr_t handle, uintptr_t argument)');
const callWalk = node.func('void uv_walk(uintptr_t loop, ZerocopyWalk *callback, uintptr_t argument)') as unknown as (
  loop: number,
  callback: (handle: number) => void,
  argument: number,
) => void;

const callMetrics = node.func('int uv_metrics_info(uintptr_t loop, uintptr_t metrics)') as unknown as (
  loop: number,
  metrics: number,
) => number;

const UV_TIMER = 13;
/** Of `uv_metrics_t`: 64-bit numbers, of which the second counts events. */
const metricsSize = 128;
const eventsAt = 8;

/** The loop that Node runs on the main thread. */
export class UvLoop {
  private readonly loop = callDefaultLoop();
  private readonly metrics = new MemoryBlock(metricsSize);
  /** The epoll descriptor that libuv itself waits on: readable when libuv has something to do. */
  get backendFd(): number {
    return callBackendFd(this.loop);
  }

  /** How many events libuv has handled so far. */
  get eventCount(): number {
    callMetrics(this.loop, this.metrics.address);
    return this.metrics.bytes.readUIntLE(eventsAt, 6);
  }

  /**
   * Milliseconds until the next timer of Node or V8 is due, or -1 when none is set. All handles are walked each time, for
   * V8 makes and frees timers of its own. (uv_backend_timeout would be simpler, but says 0 when it is asked from within a
   * setImmediate.)
   */
  nextTimer(): number {
    callUpdateTime(this.loop);
    let next = -1;
    const look = (handle: number) => {
      if (callHandleType(handle) !== UV_TIMER || callIsActive(handle) === 0) return;
      const due = callDueIn(handle);
      if (next < 0 || due < next) next = due;
    };
    callWalk(this.loop, look, 0);
    return next;
  }
}
