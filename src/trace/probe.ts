import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const pause = 2;

/**
 * Asks for something small again and again, over one connection.
 * @param isOver says when to stop
 * @param least how many requests are made in any case
 * @returns how long each request waited for the end of its answer, in ms
 * @throws Error when an answer is not a 200
 */
export async function probe(url: string, isOver: () => boolean, least = 1): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const waits: number[] = [];
  try {
    while (waits.length < least || !isOver()) {
      const begun = performance.now();
      await ask(url, agent);
      waits.push(performance.now() - begun);
      await sleep(pause);
    }
  } finally {
    agent.destroy();
  }
  return waits;
}

function ask(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, response => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${url} is answered with ${response.statusCode}`));
      });
    });
    request.on('error', reject);
  });
}
