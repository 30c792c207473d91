import { configurations } from './configurations.js';
import { ranges } from './ranges.js';
import { requests } from './requests.js';
import type { Target } from './target.js';

/** All that reads what others have written. */
export const targets: readonly Target[] = [requests, ranges, configurations];
