/** autocannon in a process of its own. Argument: CannonSettings as JSON. Prints a CannonResult as JSON. */
import { loadByAutocannon } from './autocannon.js';
import type { CannonSettings } from './cannon.js';

const settings = JSON.parse(process.argv[2]!) as CannonSettings;
const result = await loadByAutocannon(settings, new AbortController().signal);
process.stdout.write(JSON.stringify(result));
