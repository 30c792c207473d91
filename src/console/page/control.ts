/** Asks the server for a change of its settings. */
import type { ControlAnswer, ControlRequest } from '../snapshot.js';

const timeout = 20_000;

/** @returns the server's answer; where it gave none that can be read, a refusal that says so. `isForbidden`: the token may be old */
export async function askForChange(
  request: ControlRequest,
  token: string,
): Promise<{ answer: ControlAnswer; isForbidden: boolean }> {
  try {
    const response = await fetch('/control', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-zerocopy-token': token },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(timeout),
    });
    return { answer: await read(response), isForbidden: response.status === 403 };
  } catch {
    return { answer: { ok: false, reason: 'the server did not answer' }, isForbidden: false };
  }
}

async function read(response: Response): Promise<ControlAnswer> {
  try {
    const answer: unknown = await response.json();
    if (isAnswer(answer)) return answer;
  } catch {
    // a page of an error, not JSON: its status has to do
  }
  return { ok: false, reason: `the server answered with status ${response.status}` };
}

function isAnswer(value: unknown): value is ControlAnswer {
  if (typeof value !== 'object' || value === null || !('ok' in value)) return false;
  return value.ok === true || ('reason' in value && typeof value.reason === 'string');
}
