/** Where things are in the picture: one drawing for a wide window, one for a phone. Units are those of its viewBox. */
import type { DataPath } from '../snapshot.js';

export type RouteName = 'disk' | 'sendfile' | 'pread64' | 'writev' | 'memory' | 'nic';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Station extends Box {
  readonly title: string;
  readonly note: string;
  readonly isHardware?: true;
}

/** A stack of lines of text. */
export interface Label {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

export interface Place {
  /** The way, as the `d` of a path; its end is `headLength` before the station. */
  readonly d: string;
  /** The end of the way, and where it points to. */
  readonly end: readonly [x: number, y: number];
  readonly direction: 'right' | 'left' | 'down';
  readonly label: Label;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** How thick routes are, as a factor. */
  readonly thickness: number;
  readonly lineHeight: number;
  readonly user: Box;
  readonly kernel: Box;
  /** The border between user space and kernel. */
  readonly border: string;
  readonly userTitle: Label;
  readonly kernelTitle: Label;
  readonly stations: readonly Station[];
  readonly routes: Readonly<Record<RouteName, Place>>;
}

/** What runs along a route, and what is written beside it. */
export interface Route {
  readonly name: RouteName;
  /** `all`: whatever path the bytes took. */
  readonly path: DataPath | 'disk' | 'all';
  /** The kernel call that moves the bytes; '' where the server makes none. */
  readonly call: string;
  /** What this leg does to the bytes; '' where the picture says it. */
  readonly note: string;
}

export const headLength = 14;

export const routes: readonly Route[] = [
  { name: 'disk', path: 'disk', call: '', note: '' },
  { name: 'sendfile', path: 'sendfile', call: 'sendfile', note: 'no copy' },
  { name: 'pread64', path: 'buffers', call: 'pread64', note: '1st copy' },
  { name: 'writev', path: 'buffers', call: 'writev', note: '2nd copy' },
  { name: 'memory', path: 'memory', call: '', note: '' },
  { name: 'nic', path: 'all', call: '', note: '' },
];

export const wide: Layout = {
  width: 1200,
  height: 412,
  thickness: 1,
  lineHeight: 23,
  user: { x: 226, y: 6, width: 724, height: 160 },
  kernel: { x: 226, y: 166, width: 724, height: 240 },
  border: 'M226 166H950',
  userTitle: { x: 242, y: 36, anchor: 'start' },
  kernelTitle: { x: 242, y: 392, anchor: 'start' },
  stations: [
    { title: 'Disk', note: 'the file', x: 6, y: 270, width: 104, height: 92, isHardware: true },
    { title: 'Page cache', note: 'file pages in memory', x: 300, y: 264, width: 180, height: 104 },
    { title: 'Output buffers', note: 'memory of the workers', x: 460, y: 44, width: 230, height: 88 },
    { title: 'Memory', note: 'heads', x: 812, y: 44, width: 124, height: 88 },
    { title: 'Socket buffer', note: 'of the connection', x: 716, y: 264, width: 220, height: 104 },
    { title: 'NIC', note: 'to clients', x: 1090, y: 270, width: 104, height: 92, isHardware: true },
  ],
  routes: {
    disk: { d: 'M110 316H286', end: [286, 316], direction: 'right', label: { x: 118, y: 252, anchor: 'middle' } },
    sendfile: { d: 'M480 292H702', end: [702, 292], direction: 'right', label: { x: 594, y: 328, anchor: 'middle' } },
    pread64: {
      d: 'M390 264V118Q390 88 420 88H446',
      end: [446, 88],
      direction: 'right',
      label: { x: 370, y: 188, anchor: 'end' },
    },
    writev: {
      d: 'M690 88H726Q756 88 756 118V250',
      end: [756, 250],
      direction: 'down',
      label: { x: 736, y: 188, anchor: 'end' },
    },
    memory: { d: 'M886 132V250', end: [886, 250], direction: 'down', label: { x: 870, y: 214, anchor: 'end' } },
    nic: { d: 'M936 316H1076', end: [1076, 316], direction: 'right', label: { x: 1018, y: 292, anchor: 'middle' } },
  },
};

export const narrow: Layout = {
  width: 360,
  height: 626,
  thickness: 0.7,
  lineHeight: 17,
  user: { x: 188, y: 96, width: 168, height: 424 },
  kernel: { x: 4, y: 96, width: 184, height: 424 },
  border: 'M188 96V520',
  userTitle: { x: 198, y: 116, anchor: 'start' },
  kernelTitle: { x: 14, y: 116, anchor: 'start' },
  stations: [
    { title: 'Disk', note: 'the file', x: 31, y: 6, width: 120, height: 52, isHardware: true },
    { title: 'Page cache', note: 'file pages', x: 16, y: 152, width: 150, height: 76 },
    { title: 'Output buffers', note: 'in the workers', x: 200, y: 248, width: 150, height: 58 },
    { title: 'Memory', note: 'heads', x: 246, y: 436, width: 104, height: 52 },
    { title: 'Socket buffer', note: 'of the connection', x: 16, y: 386, width: 150, height: 104 },
    { title: 'NIC', note: 'to clients', x: 31, y: 568, width: 120, height: 52, isHardware: true },
  ],
  routes: {
    disk: { d: 'M91 58V138', end: [91, 138], direction: 'down', label: { x: 110, y: 82, anchor: 'start' } },
    sendfile: { d: 'M44 228V372', end: [44, 372], direction: 'down', label: { x: 64, y: 276, anchor: 'start' } },
    pread64: {
      d: 'M166 212H260Q275 212 275 227V234',
      end: [275, 234],
      direction: 'down',
      label: { x: 198, y: 139, anchor: 'start' },
    },
    writev: {
      d: 'M332 306V395Q332 410 317 410H180',
      end: [180, 410],
      direction: 'left',
      label: { x: 316, y: 330, anchor: 'end' },
    },
    memory: { d: 'M246 462H180', end: [180, 462], direction: 'left', label: { x: 198, y: 510, anchor: 'start' } },
    nic: { d: 'M91 490V554', end: [91, 554], direction: 'down', label: { x: 110, y: 545, anchor: 'start' } },
  },
};
