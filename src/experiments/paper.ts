/**
 * What others have measured, to stand beside our own figures.
 *
 * The paper is the one on moving files of 10 and 100 GB with zero copy between VLBI sites (two systems, 100 GbE, a RAID 0
 * of 7200 rpm disks; its references begin with KVN and a Linux journal's article on zero copy). Its GB are 2^30 bytes, and its
 * Gbps 10^9 bits a second: 10 GB in 1.66 s are 51.7 Gbps.
 */

/** A figure of the paper that has both ways. Gbit/s. */
export interface BothWays {
  readonly zeroCopy: number;
  readonly copy: number;
}

/** Its table 1 and section 5.1. */
export const testbed = {
  cpu: '2 x Intel Xeon E5-2623 v3, 3.0 GHz, 4 cores and 8 threads each',
  memory: '64 GB',
  disks: '16 x 1 TB, 7200 rpm SATA, RAID 0',
  network: 'ConnectX-5, 100 GbE',
} as const;

/** Bytes of the files that it moved. */
export const paperSizes = { small: 10 * 2 ** 30, large: 100 * 2 ** 30 } as const;

/** Table 2: inside one system, 10 GB, one stream. Gbit/s. */
export const table2 = {
  fixed: { zeroCopy: 73.7, copy: 29.2 },
  moving: { zeroCopy: 51.5, copy: 24.7 },
} as const satisfies Record<string, BothWays>;

/** The two ratios that its text names below table 2. */
export const table2Ratios = { fixed: 2.52, moving: 2.1 } as const;

/** One line of table 3: seconds, GB of 2^30 bytes, Gbit/s. */
export interface PaperInterval {
  readonly start: number;
  readonly end: number;
  readonly gigabytes: number;
  readonly gigabits: number;
}

/** Table 3: the moving column of table 2, second by second. */
export const table3: { readonly zeroCopy: readonly PaperInterval[]; readonly copy: readonly PaperInterval[] } = {
  zeroCopy: [
    { start: 0, end: 1, gigabytes: 5.97, gigabits: 51.3 },
    { start: 1, end: 1.66, gigabytes: 4.01, gigabits: 51.9 },
  ],
  copy: [
    { start: 0, end: 1, gigabytes: 2.85, gigabits: 24.5 },
    { start: 1, end: 2, gigabytes: 2.89, gigabits: 24.8 },
    { start: 2, end: 3, gigabytes: 2.89, gigabits: 24.8 },
    { start: 3, end: 3.48, gigabytes: 1.37, gigabits: 24.8 },
  ],
};

/** Figure 9: the network from client to server. One stream does not pass 40 Gbit/s, three pass 90. */
export const figure9 = { oneStreamAtMost: 40, threeStreamsAtLeast: 90 } as const;

/** Figure 10: what its disks take. Gbit/s. */
export const figure10 = { least: 14, most: 16 } as const;

/** Figure 11: a fixed offset over time. Zero copy runs at the first rate for the first seconds, and then at the second. */
export const figure11 = { zeroCopyFirst: 80, firstSeconds: 4, zeroCopyThen: 73, copy: 29 } as const;

/** Figure 12: 10 GB sent and stored. */
export const figure12 = { storeRate: 13.1, storeSeconds: 6.54, sendRate: 42.7, sendSeconds: 2.01 } as const;

/** Figure 13: 100 GB sent and stored with read and write. */
export const figure13 = { storeRate: 10.3, sendRate: 10.2, seconds: 84 } as const;

/** Figure 14: 100 GB stored, sent with zero copy; `savedSeconds` against figure 13. */
export const figure14 = { seconds: 76.89, rate: 11.2, savedSeconds: 7.1 } as const;

/** Figure 15: 100 GB sent into the far end's memory. */
export const figure15 = {
  zeroCopy: { seconds: 60.46, rate: 14.2 },
  copy: { seconds: 83.52, rate: 10.3 },
} as const;

/** A row of IBM's table: bytes, and milliseconds each way. */
export interface IbmRow {
  readonly label: string;
  readonly size: number;
  readonly copy: number;
  readonly zeroCopy: number;
}

const megabyte = 2 ** 20;

/** IBM developerWorks, "Efficient data transfer through zero copy": read and write in Java against FileChannel.transferTo. */
export const ibmRows: readonly IbmRow[] = [
  { label: '7 MB', size: 7 * megabyte, copy: 156, zeroCopy: 45 },
  { label: '21 MB', size: 21 * megabyte, copy: 337, zeroCopy: 128 },
  { label: '63 MB', size: 63 * megabyte, copy: 843, zeroCopy: 387 },
  { label: '98 MB', size: 98 * megabyte, copy: 1320, zeroCopy: 617 },
  { label: '200 MB', size: 200 * megabyte, copy: 2124, zeroCopy: 1150 },
  { label: '350 MB', size: 350 * megabyte, copy: 3631, zeroCopy: 1762 },
  { label: '700 MB', size: 700 * megabyte, copy: 13498, zeroCopy: 4422 },
  { label: '1 GB', size: 1024 * megabyte, copy: 18399, zeroCopy: 8537 },
];
