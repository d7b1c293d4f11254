/** First come, first served, on a seeded generator: what the closed form is held against. */

/** Mulberry32. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Setting {
  readonly servers: number;
  readonly utilization: number;
  readonly serviceCv2: number;
}

const exponential = (random: () => number) => -Math.log(1 - random());

/** Mean 1: constant, Erlang of 1 / cv2 stages, or log-normal above 1. */
function service(cv2: number, random: () => number): number {
  if (cv2 === 0) return 1;
  if (cv2 > 1) {
    const variance = Math.log(1 + cv2);
    const normal = Math.sqrt(2 * exponential(random)) * Math.cos(2 * Math.PI * random());
    return Math.exp(Math.sqrt(variance) * normal - variance / 2);
  }
  const stages = Math.round(1 / cv2);
  let sum = 0;
  for (let stage = 0; stage < stages; stage++) sum += exponential(random);
  return sum / stages;
}

/** `heap` holds the earliest end first (binary heap). */
function replaceEarliest(heap: Float64Array, end: number): void {
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child++;
    if ((heap[child] as number) >= end) break;
    heap[parent] = heap[child] as number;
    parent = child;
  }
  heap[parent] = end;
}

/** 95th percentile of the response in mean services; Poisson arrivals. */
export function simulatedP95({ servers, utilization, serviceCv2 }: Setting, jobs: number, seed: number): number {
  const random = generator(seed);
  const free = new Float64Array(servers);
  const responses = new Float64Array(jobs);
  const warmUp = jobs / 10;
  let now = 0;
  for (let job = -warmUp; job < jobs; job++) {
    now += exponential(random) / (servers * utilization);
    const end = Math.max(now, free[0] as number) + service(serviceCv2, random);
    replaceEarliest(free, end);
    if (job >= 0) responses[job] = end - now;
  }
  responses.sort();
  return responses[Math.floor(0.95 * jobs)] as number;
}

/** With C^2 of 0, 1/4, 1/2, 1, and 2 and 4 for heavy tails. */
export const SETTINGS: readonly Setting[] = [1, 2, 4, 8, 16, 64].flatMap((servers) =>
  [0.3, 0.5, 0.7, 0.8, 0.9].flatMap((utilization) =>
    [0, 0.25, 0.5, 1, 2, 4].map((serviceCv2) => ({ servers, utilization, serviceCv2 })),
  ),
);
