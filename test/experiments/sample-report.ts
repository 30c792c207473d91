/**
 * SAMPLE DATA FOR TESTS. Nothing here was measured: the figures are made up, so that every part of a report has something to
 * show. (The paper's figures beside them are the paper's.)
 */
import type { Cell, ExperimentReport, ExperimentResult, Plot, Sample } from '../../src/experiments/result.js';

/** A run at a rate (Gbit/s) whose other figures follow from it. */
export function sampleRun(rate: number, gigabytes = 10.74): Sample {
  return {
    gigabitsPerSecond: rate,
    seconds: (gigabytes * 8) / rate,
    senderCpuPerGB: 7.9 / rate,
    receiverCpuPerGB: 0.0612,
    callsPerGB: { sender: 7632.4, receiver: 1984 + rate },
  };
}

const zeroRow = 'zero copy (sendfile)';
const copyRow = 'non zero copy (read+write)';

function cell(row: string, column: string, median: number, more: Partial<Cell> = {}): Cell {
  const samples = [median * 0.97, median, median * 1.02].map(rate => sampleRun(rate));
  return { label: `${row}, ${column}`, row, column, samples, median, spread: 0.025, unit: 'Gbit/s', ...more };
}

const loop = (median: number, ours: number) => ({ peer: { name: 'C loop', median, ratio: ours / median } });

const table2Bars: Plot = {
  title: 'One stream inside one system',
  kind: 'bars',
  categories: ['fixed offset', 'moving offset'],
  x: { label: 'file offset' },
  y: { label: 'Gbit/s' },
  series: [
    {
      name: 'zero copy',
      colour: 'zero-copy',
      points: [
        [0, 76.21],
        [1, 71.04],
      ],
    },
    {
      name: 'zero copy, C loop',
      colour: 'other',
      points: [
        [0, 78.93],
        [1, 72.55],
      ],
    },
    {
      name: 'zero copy, paper',
      colour: 'zero-copy',
      paper: true,
      points: [
        [0, 73.7],
        [1, 51.5],
      ],
    },
    {
      name: 'read+write',
      colour: 'copy',
      points: [
        [0, 44.12],
        [1, 28.35],
      ],
    },
    {
      name: 'read+write, C loop',
      colour: 'other',
      points: [
        [0, 45.64],
        [1, 29.17],
      ],
    },
    {
      name: 'read+write, paper',
      colour: 'copy',
      paper: true,
      points: [
        [0, 29.2],
        [1, 24.7],
      ],
    },
  ],
};

export const sampleTable2: ExperimentResult = {
  name: 'table2',
  title: 'Table 2: inside one system, with and without zero copy',
  about:
    'Sample data for tests. The paper sent a 10 GB file inside one system over one TCP stream, with sendfile and with read and write, from a fixed and from a moving file offset.',
  settings: {
    size: '10G',
    runs: '3 of each, in turn; median and spread (interquartile range / median)',
    'block size': '128k',
    'socket buffers':
      "the kernel's own choice (least, default, most: tcp_wmem 4096 16384 4194304; tcp_rmem 4096 131072 6291456)",
  },
  cells: [
    cell(zeroRow, 'fixed offset', 76.21, { paper: 73.7, ...loop(78.93, 76.21) }),
    cell(copyRow, 'fixed offset', 44.12, { paper: 29.2, ...loop(45.64, 44.12), spread: 0.184 }),
    cell(zeroRow, 'moving offset', 71.04, { paper: 51.5, ...loop(72.55, 71.04) }),
    cell(copyRow, 'moving offset', 28.35, { paper: 24.7, ...loop(29.17, 28.35) }),
  ],
  ratios: [
    { label: 'zero copy / read+write, fixed offset', ours: 1.7273, paper: 2.5239 },
    { label: 'zero copy / read+write, moving offset', ours: 2.5058, paper: 2.085 },
  ],
  plots: [table2Bars],
  notes: [
    'zero copy / read+write, fixed offset: 1.73, less than the paper has (2.52). The sender is the bottleneck both ways, so that its cost decides: a GB costs the sender 0.179 s of CPU with read+write and 0.104 s with sendfile, 1.73 times as much.',
    'Noise: non zero copy (read+write), fixed offset (Gbit/s) has a spread of 18 % (interquartile range over median). Run it again on a quiet machine, or with more --runs.',
  ],
  commands: [
    'zerocopy receive --listen 127.0.0.1:9000 --discard --once --json',
    'zerocopy send --block-size 131072 --zero-copy --checksum none --json /tmp/zerocopy-sample/source 127.0.0.1:9000',
  ],
};

/** A rate that begins high, dips and trembles: in steps of so many seconds. */
function overTime(seconds: number, step: number, rate: number): (readonly [number, number])[] {
  const count = Math.ceil(seconds / step);
  return Array.from({ length: count }, (_, at) => {
    const tremble = ((at * 7919) % 13) / 13 - 0.5;
    return [(at + 0.5) * step, rate * (1 + 0.06 * tremble + (at < count / 8 ? 0.08 : 0))] as const;
  });
}

export const sampleTable3: ExperimentResult = {
  name: 'table3',
  title: 'Table 3: the moving offset second by second',
  about: 'Sample data for tests. The paper lists how its 10 GB went, second by second, from a moving file offset.',
  settings: { size: '10G' },
  cells: [
    cell(zeroRow, 'moving offset', 71.04, { paper: 51.5 }),
    cell(copyRow, 'moving offset', 28.35, { paper: 24.7 }),
  ],
  ratios: [{ label: 'zero copy / read+write, moving offset', ours: 2.5058, paper: 2.085 }],
  listings: [
    {
      title: 'zero copy, the paper',
      lines: [
        'Interval (sec)  Transfer (GBytes)  Bandwidth (Gbps)',
        '0.00-1.00                    5.97              51.3',
        '1.00-1.66                    4.01              51.9',
      ],
    },
  ],
  plots: [
    {
      title: 'A moving offset over time',
      kind: 'line',
      x: { label: 's' },
      y: { label: 'Gbit/s' },
      series: [
        { name: 'zero copy', colour: 'zero-copy', points: overTime(1.21, 0.05, 71) },
        {
          name: 'zero copy, paper',
          colour: 'zero-copy',
          paper: true,
          points: [
            [0.5, 51.3],
            [1.33, 51.9],
          ],
        },
        { name: 'read+write', colour: 'copy', points: overTime(3.03, 0.05, 28.4) },
        {
          name: 'read+write, paper',
          colour: 'copy',
          paper: true,
          points: [
            [0.5, 24.5],
            [1.5, 24.8],
            [2.5, 24.8],
            [3.24, 24.8],
          ],
        },
      ],
    },
  ],
  notes: ['One run of each: good for a look, not for a comparison.'],
  commands: ['zerocopy send --interval 0.05 /tmp/zerocopy-sample/source 127.0.0.1:9000'],
};

const ibmSizes = ['7 MB', '21 MB', '63 MB', '98 MB', '200 MB', '350 MB', '700 MB', '1 GB'];
const ibmCopy = [156, 337, 843, 1320, 2124, 3631, 13498, 18399];
const ibmZero = [45, 128, 387, 617, 1150, 1762, 4422, 8537];
const oursCopy = ibmSizes.map((_, at) => ibmCopy[at] / 71.3);
const oursZero = ibmSizes.map((_, at) => ibmZero[at] / 66.1);

const inJava = (ours: number, name: string) => ({
  peer: { name: `Java ${name}`, median: ours * 1.17, ratio: 1 / 1.17 },
});

export const sampleIbm: ExperimentResult = {
  name: 'ibm',
  title: "IBM's table: eight sizes, milliseconds",
  about: 'Sample data for tests. IBM compared read and write in Java with FileChannel.transferTo.',
  settings: { runs: '3' },
  cells: ibmSizes.flatMap((size, at) => [
    cell(size, 'read+write', oursCopy[at], { unit: 'ms', paper: ibmCopy[at], ...inJava(oursCopy[at], 'read+write') }),
    cell(size, 'sendfile', oursZero[at], { unit: 'ms', paper: ibmZero[at], ...inJava(oursZero[at], 'transferTo') }),
  ]),
  ratios: ibmSizes.map((size, at) => ({
    label: `read+write / sendfile, ${size}`,
    ours: oursCopy[at] / oursZero[at],
    paper: ibmCopy[at] / ibmZero[at],
  })),
  plots: [
    {
      title: 'Time by size',
      kind: 'bars',
      categories: ibmSizes,
      x: { label: 'size' },
      y: { label: 'ms' },
      series: [
        { name: 'read+write', colour: 'copy', points: oursCopy.map((y, x) => [x, y] as const) },
        { name: 'sendfile', colour: 'zero-copy', points: oursZero.map((y, x) => [x, y] as const) },
        { name: 'Java, read+write', colour: 'other', points: oursCopy.map((y, x) => [x, y * 1.17] as const) },
        { name: 'Java, sendfile', colour: 'other', points: oursZero.map((y, x) => [x, y * 1.17] as const) },
      ],
    },
  ],
  notes: [],
  commands: [],
};

const blockSizes = Array.from({ length: 11 }, (_, at) => 4096 * 2 ** at);

export const sampleSweep: ExperimentResult = {
  name: 'sweep',
  title: 'Block sizes and streams',
  about: 'Sample data for tests. Blocks of 4k to 4M, and one to four streams with each run as a point.',
  settings: { size: '1G' },
  cells: blockSizes.flatMap(size => [
    cell(`${size / 1024}k`, 'zero copy', 70 - 200_000 / size, { spread: 0.01 }),
    cell(`${size / 1024}k`, "zero copy, sender's CPU", 7.9 / (70 - 200_000 / size), {
      ...{ unit: 's CPU/GB', spread: 0, samples: cell('', '', 70 - 200_000 / size).samples },
    }),
  ]),
  ratios: [],
  plots: [
    {
      title: 'Rate by block size',
      kind: 'line',
      x: { label: 'bytes of a block', log: true },
      y: { label: 'Gbit/s' },
      series: [
        { name: 'zero copy', colour: 'zero-copy', points: blockSizes.map(x => [x, 70 - 200_000 / x] as const) },
        {
          name: 'read+write',
          colour: 'copy',
          points: blockSizes.map(x => [x, 30 - (x > 1e6 ? 6 : 0) - 60_000 / x] as const),
        },
      ],
    },
    {
      title: 'The network alone, by streams',
      kind: 'points',
      x: { label: 'streams' },
      y: { label: 'Gbit/s' },
      series: [
        {
          name: 'zero copy, every run',
          colour: 'zero-copy',
          points: [1, 2, 3, 4].flatMap(x => [0.93, 1, 1.05].map(part => [x, part * (60 + 9 * x)] as const)),
        },
        { name: 'read+write', colour: 'copy', points: [1, 2, 3, 4].map(x => [x, 26 + 4 * x] as const) },
        {
          name: 'paper: at most, at least',
          colour: 'other',
          paper: true,
          points: [
            [1, 40],
            [3, 90],
          ],
        },
      ],
    },
  ],
  notes: ['100 GB do not fit the disk: they were sent from a sparse file into memory only.'],
  commands: ['zerocopy send --streams 4 /tmp/zerocopy-sample/source 127.0.0.1:9000'],
};

export const sampleReport: ExperimentReport = {
  machine: {
    cpu: 'Sample processor for tests @ 3.0 GHz',
    cores: 2,
    memory: 24.4 * 2 ** 30,
    kernel: 'Linux 6.1.0-sample',
    node: 'v20.0.0',
    congestionControl: 'cubic',
  },
  started: '2000-01-01T00:00:00.000Z',
  pageCache: 'warm',
  fileSystem: 'ext4 on /dev/sample',
  results: [sampleTable2, sampleTable3, sampleIbm, sampleSweep],
};
