/**
 * A client in a thread of its own, so that its clock does not wait for the server's event loop: sends light requests at a steady
 * rate, whether or not the earlier ones have been answered, and heavy ones one after the other beside them where there are any.
 */
import { Agent, request } from 'node:http';
import { setTimeout as passed } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

export interface Load {
  readonly port: number;
  /** Sent in turn, as the heavy ones. */
  readonly light: readonly Message[];
  readonly perSecond: number;
  /** At the most: any message from the parent ends it sooner. */
  readonly seconds: number;
  /** Sent in turn, the first after the last; none where there are none. */
  readonly heavy: readonly Message[];
}

export interface Message {
  readonly path: string;
  /** Posted; what has none is got. */
  readonly body?: object;
}

export interface Heard {
  /** Of each light request, ms. */
  readonly milliseconds: readonly number[];
  readonly heavyAnswered: number;
}

const { port, light, perSecond, seconds, heavy } = workerData as Load;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

function send({ path, body }: Message): Promise<number> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const method = body === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const start = performance.now();
    request({ host: '127.0.0.1', port, path, method, agent, headers }, (response) => {
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - start);
        else reject(new Error(`${path} answered ${response.statusCode}.`));
      });
      response.resume();
    })
      .on('error', reject)
      .end(text);
  });
}

let running = true;
let heavyAnswered = 0;
const beside = (async () => {
  for (let turn = 0; running && heavy.length > 0; turn++) {
    await send(heavy[turn % heavy.length] as Message);
    heavyAnswered++;
  }
})();
let isOver = false;
parentPort?.once('message', () => {
  isOver = true;
});
const begin = performance.now();
const sent: Promise<number>[] = [];
for (let turn = 0; turn < perSecond * seconds && !isOver; turn++) {
  await passed(Math.max(0, begin + (1000 * turn) / perSecond - performance.now()));
  sent.push(send(light[turn % light.length] as Message));
}
const milliseconds = await Promise.all(sent);
running = false;
await beside;
agent.destroy();
parentPort?.postMessage({ milliseconds, heavyAnswered } satisfies Heard);
parentPort?.close();
