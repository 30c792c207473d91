import type { Scenario } from '../scenario.js';
import { buffers } from './buffers.js';
import { copies } from './copies.js';
import { directio } from './directio.js';
import { download } from './download.js';
import { head } from './head.js';
import { keepalive } from './keepalive.js';
import { notFound } from './not-found.js';
import { notModified } from './not-modified.js';
import { query } from './query.js';
import { range } from './range.js';
import { threads } from './threads.js';

/** In the order in which they are best read. */
export const scenarios: readonly Scenario[] = [
  download,
  notModified,
  query,
  notFound,
  range,
  head,
  keepalive,
  buffers,
  copies,
  threads,
  directio,
];
