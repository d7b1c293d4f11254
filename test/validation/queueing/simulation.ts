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

export interface Setting {
  readonly servers: number;
  readonly utilization: number;
  readonly serviceCv2: number;
}

const exponential = (random: () => number) => -Math.log(1 - random());

/** Mean 1: constant, or Erlang of 1 / cv2 stages. */
function service(cv2: number, random: () => number): number {
  if (cv2 === 0) return 1;
  const stages = Math.round(1 / cv2);
  let sum = 0;
  for (let stage = 0; stage < stages; stage++) sum += exponential(random);
  return sum / stages;
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
    let first = 0;
    for (let server = 1; server < servers; server++)
      if ((free[server] as number) < (free[first] as number)) first = server;
    const end = Math.max(now, free[first] as number) + service(serviceCv2, random);
    free[first] = end;
    if (job >= 0) responses[job] = end - now;
  }
  responses.sort();
  return responses[Math.floor(0.95 * jobs)] as number;
}

/** With C^2 of 0, 1/4, 1/2 and 1. */
export const SETTINGS: readonly Setting[] = [1, 2, 4, 8, 16, 64].flatMap((servers) =>
  [0.3, 0.5, 0.7, 0.8, 0.9].flatMap((utilization) =>
    [0, 0.25, 0.5, 1].map((serviceCv2) => ({ servers, utilization, serviceCv2 })),
  ),
);
