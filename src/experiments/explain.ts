import { availableParallelism, loadavg } from 'node:os';
import { medianOf } from './cells.js';
import type { Cell, Ratio, Sample } from './result.js';
import { trim } from './units.js';

/** Why figures are as they are: sentences that follow from what was measured, and from nothing else. */

/** An end that computes for so much of each second is what the other one waits for. */
const saturated = 0.9;
/** Of two that take turns, each has at least this part of the time. */
const partner = 0.25;
/** Ratios that differ by less are called the same. */
const same = 0.1;

/** What a way of transfer costs: medians. */
export interface Load {
  /** Seconds of CPU in each second. */
  readonly sender: number;
  readonly receiver: number;
  /** Seconds of CPU for 10^9 bytes. */
  readonly senderPerGB: number;
  readonly receiverPerGB: number;
}

export type Bottleneck = 'sender' | 'receiver' | 'both' | 'processors' | 'turns' | 'neither';

export function loadOf(samples: readonly Sample[]): Load {
  const perSecond = (sample: Sample, perGB: number) => (perGB * sample.gigabitsPerSecond) / 8;
  return {
    sender: medianOf(samples, sample => perSecond(sample, sample.senderCpuPerGB)),
    receiver: medianOf(samples, sample => perSecond(sample, sample.receiverCpuPerGB)),
    senderPerGB: medianOf(samples, sample => sample.senderCpuPerGB),
    receiverPerGB: medianOf(samples, sample => sample.receiverCpuPerGB),
  };
}

/** @param cores that the two ends share */
export function bottleneckOf({ sender, receiver }: Load, cores = availableParallelism()): Bottleneck {
  if (sender >= saturated && receiver >= saturated) return 'both';
  if (sender >= saturated) return 'sender';
  if (receiver >= saturated) return 'receiver';
  const together = sender + receiver;
  if (together >= saturated * cores) return 'processors';
  // on one core, or as if they were: whoever has woken the other one waits for it
  const isInTurn = Math.abs(together - 1) <= same && Math.min(sender, receiver) >= partner;
  return isInTurn ? 'turns' : 'neither';
}

/** `zero copy, moving offset: the sender is the bottleneck (sender 0.99, receiver 0.41 s of CPU a second).` */
export function describeLoad(label: string, samples: readonly Sample[], cores = availableParallelism()): string {
  const load = loadOf(samples);
  const shares = `sender ${load.sender.toFixed(2)}, receiver ${load.receiver.toFixed(2)} s of CPU a second`;
  return `${label}: ${bottleneckText(bottleneckOf(load, cores), cores)} (${shares}).`;
}

function bottleneckText(bottleneck: Bottleneck, cores: number): string {
  switch (bottleneck) {
    case 'both':
      return 'both ends are saturated';
    case 'processors':
      return `the two ends together use up the ${cores === 1 ? 'one core' : `${cores} cores`}`;
    case 'turns':
      return 'the two ends take turns: together they come to one core';
    case 'neither':
      return `neither end is saturated: they wait for each other, for the disk or for other programs (load average ${loadavg()[0].toFixed(1)} on ${cores} cores)`;
    default:
      return `the ${bottleneck} is the bottleneck`;
  }
}

/**
 * A ratio beside the paper's, and what it comes from: which end limits each way, and what a GB costs it.
 * @param zero the way with zero copy, `copy` the other one
 */
export function explainRatio(ratio: Ratio, zero: Cell, copy: Cell, cores = availableParallelism()): string {
  const [fast, slow] = [loadOf(zero.samples), loadOf(copy.samples)];
  const costs = slow.senderPerGB / fast.senderPerGB;
  const cost = `a GB costs the sender ${trim(slow.senderPerGB)} s of CPU with read+write and ${trim(fast.senderPerGB)} s with sendfile, ${costs.toFixed(2)} times as much`;
  return `${beside(ratio)} ${limits(bottleneckOf(fast, cores), bottleneckOf(slow, cores), cost)}`;
}

function beside({ label, ours, paper }: Ratio): string {
  if (paper === undefined) return `${label}: ${ours.toFixed(2)}.`;
  const relation =
    Math.abs(ours / paper - 1) <= same
      ? 'as in the paper'
      : ours > paper
        ? 'more than the paper has'
        : 'less than the paper has';
  return `${label}: ${ours.toFixed(2)}, ${relation} (${paper.toFixed(2)}).`;
}

function limits(fast: Bottleneck, slow: Bottleneck, cost: string): string {
  if (fast === 'sender' && slow === 'sender') {
    return `The sender is the bottleneck both ways, so that its cost decides: ${cost}.`;
  }
  const held = [
    ...(fast === 'sender' ? [] : [holds('zero copy', fast)]),
    ...(slow === 'sender' ? [] : [holds('read+write', slow)]),
  ];
  return `It is not the sender's cost alone that decides: ${held.join('; ')}. The sender's cost: ${cost}.`;
}

function holds(way: string, bottleneck: Exclude<Bottleneck, 'sender'>): string {
  switch (bottleneck) {
    case 'receiver':
      return `with ${way} the sender waits for the receiver, which is saturated`;
    case 'both':
      return `with ${way} the receiver is saturated as well`;
    case 'processors':
      return `with ${way} both ends together use up the processors`;
    case 'turns':
      return `with ${way} the two ends take turns, and together come to one core`;
    default:
      return `with ${way} neither end is saturated`;
  }
}

/**
 * What the sender's way does to the receiver, which copies either way: after sendfile out of the file's own pages, after
 * write out of buffers that have just been written. Nothing where it makes no difference.
 */
export function receiverNotes(zero: readonly Sample[], copy: readonly Sample[]): string[] {
  const [after, before] = [loadOf(zero).receiverPerGB, loadOf(copy).receiverPerGB];
  if (Math.abs(after / before - 1) <= same) return [];
  const costs = `A GB costs the receiver ${trim(after)} s of CPU if it was sent with zero copy, and ${trim(before)} s if with read+write`;
  if (after < before) return [`${costs}.`];
  return [
    `${costs}: over the loopback it copies out of the pages that were sent. After sendfile these are the file's own, which may have left the caches long ago; after a write they are buffers that the sender has just filled. Between two machines the card would have written them either way.`,
  ];
}

/** What it does to a way to have each block at the same offset. */
export interface OffsetEffect {
  readonly way: string;
  readonly fixed: Cell;
  readonly moving: Cell;
  /** The paper's fixed / moving. */
  readonly paper: number;
}

export function describeOffset({ way, fixed, moving, paper }: OffsetEffect): string {
  const gain = fixed.median / moving.median;
  const costs = [fixed, moving].map(({ samples }) => trim(loadOf(samples).senderPerGB));
  const cost = `the sender's CPU a GB is ${costs[0]} s against ${costs[1]} s`;
  if (Math.abs(gain - 1) <= same) {
    return `${way}: as fast at a fixed offset as at a moving one (${gain.toFixed(2)}; the paper's: ${paper.toFixed(2)}); ${cost}.`;
  }
  return `${way}: a fixed offset is ${gain.toFixed(2)} times a moving one (the paper's: ${paper.toFixed(2)}); ${cost}.`;
}

/** What copying costs here, measured: bytes a second of one core. */
export interface CopySpeeds {
  /** The same block again and again. */
  readonly fixed: number;
  /** Blocks that are new each time, into the same block. */
  readonly moving: number;
}

/** The caches as the reason why a block at a fixed offset is cheaper to copy, as far as what was measured bears it out. */
export function describeCaches(
  { fixed, moving }: CopySpeeds,
  blockSize: number,
  caches: readonly { readonly level: number; readonly bytes: number }[],
): string {
  // the page cache's block and the buffer that it is copied to
  const fits = caches.find(({ bytes }) => bytes >= 2 * blockSize);
  const place = fits === undefined ? 'no cache that the kernel names' : `the level ${fits.level} cache`;
  const speeds = `One core here copies ${trim(fixed / 1e9)} GB/s of the same ${blockSize / 1024} KB again and again, which fit ${place}, and ${trim(moving / 1e9)} GB/s of blocks that are new each time`;
  if (fixed / moving <= 1 + same) return `${speeds}: the caches make no difference to a copy.`;
  const saved = 1e9 / moving - 1e9 / fixed;
  return `${speeds}: each copy of a GB costs ${trim(saved)} s less at a fixed offset, and sendfile makes none.`;
}
