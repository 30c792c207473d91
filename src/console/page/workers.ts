/** The workers: what each of them costs. */
import type { Snapshot, WorkerFacts } from '../snapshot.js';
import { byId, cells, make, rowOf, setText } from './dom.js';
import { bytes, count, percent } from './format.js';
import { type KeyedRow, KeyedRows } from './keyed-rows.js';

export class Workers {
  private readonly rows = new KeyedRows<WorkerFacts>(byId('workers', HTMLElement), ({ pid }) => `${pid}`, workerRow);

  update({ workers }: Snapshot): void {
    this.rows.update(workers);
  }
}

function workerRow(): KeyedRow<WorkerFacts> {
  const list = cells(7, 'th');
  const [name, state, user, system, chart, memory, connections] = list;
  chart.className = 'chart';
  const bars = [make('span', 'bar cpu-user'), make('span', 'bar cpu-system')];
  chart.append(...bars);
  return {
    element: rowOf(list),
    update(worker) {
      setText(name, `${worker.number}, pid ${worker.pid}`);
      setText(state, worker.state);
      setText(user, percent(worker.userShare));
      setText(system, percent(worker.systemShare));
      for (const [at, share] of [worker.userShare, worker.systemShare].entries()) {
        bars[at].style.width = `${(Math.min(1, share) * 100).toFixed(1)}%`;
      }
      setText(memory, worker.memory === 0 ? 'not known' : bytes(worker.memory));
      setText(connections, count(worker.connections));
    },
  };
}
