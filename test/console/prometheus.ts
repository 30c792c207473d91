/** Reads Prometheus' text format as strictly as its own parser, and as its linter wants it. */
export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** @throws Error that names the line */
export function parseMetrics(text: string): Metric[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const metrics: (Metric & { samples: Metric['samples'][number][] })[] = [];
  let help: [name: string, text: string] | null = null;
  for (const [index, line] of text.slice(0, -1).split('\n').entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}: ${line}`);
    };
    const helpLine = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (\S.*)$/.exec(line);
    const typeLine = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)$/.exec(line);
    if (helpLine !== null) help = [helpLine[1], helpLine[2]];
    else if (typeLine !== null) {
      const [, name, type] = typeLine;
      if (help === null || help[0] !== name) return fail('a type without its help');
      if (metrics.some(metric => metric.name === name)) return fail('a metric is there twice');
      if ((type === 'counter') !== name.endsWith('_total')) return fail('counters end in _total, and only they');
      metrics.push({ name, type, help: help[1], samples: [] });
    } else {
      const metric = metrics.at(-1);
      const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9.]+(?:e[+-]?\d+)?)$/.exec(line);
      if (sample === null || metric === undefined || sample[1] !== metric.name) return fail('no sample of its metric');
      const labels = parseLabels(sample[2] ?? '') ?? fail('labels');
      if (metric.samples.some(other => JSON.stringify(other.labels) === JSON.stringify(labels))) fail('twice the same');
      const value = Number(sample[3]);
      if (Number.isNaN(value) || (metric.type === 'counter' && value < 0)) fail('no value');
      metric.samples.push({ labels, value });
    }
  }
  return metrics;
}

function parseLabels(text: string): Record<string, string> | null {
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=.)|$)/y;
  while (pair.lastIndex < text.length) {
    const found = pair.exec(text);
    if (found === null || found[1] in labels) return null;
    labels[found[1]] = found[2].replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}
