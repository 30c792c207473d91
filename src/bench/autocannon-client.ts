/** autocannon in a process of its own. Arguments: URL, connections, seconds. Prints a LoadResult as JSON. */
import autocannon from 'autocannon';
import type { LoadResult } from './load.js';

const [url, connections, seconds] = process.argv.slice(2) as [string, string, string];

const result = await autocannon({ url, connections: Number(connections), duration: Number(seconds) });
if (result.errors > 0 || result.non2xx > 0) {
  process.stderr.write(`${result.errors} requests failed, ${result.non2xx} were not answered with 2xx\n`);
  process.exitCode = 1;
}
const answered: LoadResult = { requests: result.requests.total, seconds: result.duration };
process.stdout.write(JSON.stringify(answered));
