/** Random placement programs of a size: machines that components share at every site, traffic between components, power per site. */
import type { Instance } from '../../src/domain/placement/instance.ts';

export interface InstanceSize {
  readonly components: number;
  readonly sites: number;
  /** Ways for each component: a site and a kind of machine. */
  readonly options: number;
  readonly edges: number;
}

const HARDWARE_KINDS = 5;
const MAX_UTILIZATION = 0.7;

/** A generator of its own seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomInstance({ components, sites, options, edges }: InstanceSize, seed: number): Instance {
  const random = randomFrom(seed);
  const between = (low: number, high: number) => low + random() * (high - low);
  const places = Array.from({ length: sites }, () => ({
    powerKilowatts: between(50, 450),
    openCost: Math.round(between(200, 3200)),
    pue: between(1.08, 1.58),
    usdPerKwh: between(0.04, 0.24),
  }));
  const machines = places.flatMap((place, site) =>
    Array.from({ length: HARDWARE_KINDS }, (_, kind) => {
      const kilowatts = 0.1 + kind * 1.2 * between(0.8, 1.2);
      return {
        site,
        rate: 10 * (1 + kind) * between(0.8, 1.2),
        unitCost: (200 + 400 * kind) * between(0.7, 1.3) + kilowatts * 730 * place.pue * place.usdPerKwh,
        kilowatts: kilowatts * place.pue,
      };
    }),
  );
  const stages = Array.from({ length: components }, () => ({
    rule: 'one' as const,
    mostPlaces: 1,
    leastLogAvailability: 0,
    alternatives: null,
  }));
  const ways = stages.flatMap((_, stage) => {
    const rate = between(2, 62);
    const pools = [...machines.keys()];
    for (let last = pools.length - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1));
      [pools[last], pools[other]] = [pools[other] as number, pools[last] as number];
    }
    return pools.slice(0, options).map((pool) => {
      const machine = machines[pool] as (typeof machines)[number];
      return {
        stage,
        site: machine.site,
        share: 1,
        cost: 0,
        uses: [],
        pool: { pool, load: rate / machine.rate / MAX_UTILIZATION, memoryBytes: 0, alone: 0 },
        latencyMs: 0,
        freeGigabytes: 0,
      };
    });
  });
  return {
    stages,
    options: ways,
    sites: places.map(({ openCost }, index) => ({ openCost, country: index % 7, logAvailability: 5, freeList: null })),
    pools: machines.map(({ site, unitCost, kilowatts }) => ({
      site,
      unitCost,
      most: 10_000,
      memoryBytesPerUnit: 0,
      uses: [[site, kilowatts] as const],
    })),
    edges: Array.from({ length: edges }, (_, edge) => {
      const usd = between(0, 250);
      return {
        from: edge % components,
        to: (edge * 7 + 1 + (edge % components)) % components,
        pairCost: (a: number) => places.map((_to, b) => (a === b ? 0 : usd)),
        freeGigabytes: () => null,
        alternatives: null,
      };
    }).filter(({ from, to }) => from !== to),
    paths: [],
    resources: places.map(({ powerKilowatts }, site) => ({
      name: `power ${site}`,
      capacity: powerKilowatts,
      isBudget: false,
    })),
    freeAccounts: [],
    freeLists: [],
    alternativeGroups: [],
    leastSites: 0,
    leastCountries: 0,
  };
}
