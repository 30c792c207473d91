/** System calls a second by name. */
import type { Sample, Snapshot } from '../snapshot.js';
import { leastRate } from './cost.js';
import { byId, cells, make, rowOf, setText } from './dom.js';
import { count, figure } from './format.js';
import { type KeyedRow, KeyedRows } from './keyed-rows.js';
import { callOrder, movers } from './lists.js';
import { sum } from './paths.js';

interface CallRate {
  readonly name: string;
  readonly rate: number;
  readonly total: number;
  /** Of the longest bar, 0 to 1. */
  readonly share: number;
}

export class Calls {
  private readonly rows = new KeyedRows<CallRate>(byId('calls', HTMLElement), ({ name }) => name, callRow);
  private readonly summary = byId('calls-summary', HTMLElement);

  update({ totals, history }: Snapshot): void {
    const last = history.at(-1);
    const names = callOrder(Object.keys(totals.calls));
    const rates = names.map(name => last?.calls[name] ?? 0);
    const longest = Math.max(1, ...rates);
    this.rows.update(
      names.map((name, at) => ({
        name,
        rate: rates[at],
        total: totals.calls[name] ?? 0,
        share: rates[at] / longest,
      })),
    );
    setText(
      this.summary,
      summaryOf(
        last,
        rates.reduce((all, each) => all + each, 0),
      ),
    );
  }
}

function summaryOf(last: Sample | undefined, all: number): string {
  const moved = last === undefined ? 0 : sum(last.bytes);
  const each = moved < leastRate ? '' : `: ${figure((all * 1e9) / moved)} for a GB`;
  return `${count(all)} calls in the last second${each}`;
}

function callRow({ name }: CallRate): KeyedRow<CallRate> {
  const list = cells(4, 'th');
  const [head, rate, chart, total] = list;
  head.append(make('code', '', name));
  const bar = make('span', `bar call-${movers.includes(name) ? name : 'other'}`);
  chart.className = 'chart';
  chart.append(bar);
  return {
    element: rowOf(list),
    update(call) {
      setText(rate, count(call.rate));
      setText(total, count(call.total));
      bar.style.width = `${(call.share * 100).toFixed(1)}%`;
    },
  };
}
