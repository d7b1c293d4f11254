/**
 * The placement problem once every option has its price and passed its checks: which options, how many shared machines,
 * which sites. Capacitated facility location with single sourcing, modular capacities and side constraints.
 * Indices refer to the lists of the same instance.
 */

export interface InstanceOption {
  readonly stage: number;
  readonly site: number;
  /** Part of the stage's load that it carries, 0 to 1. */
  readonly share: number;
  /** USD a month. */
  readonly cost: number;
  /** What it takes of the limited resources. */
  readonly uses: readonly (readonly [resource: number, amount: number])[];
  /** On machines that components share; the machines' price is the pool's. */
  readonly pool: {
    readonly pool: number;
    /** Machines kept busy, a fraction. */
    readonly load: number;
    readonly memoryBytes: number;
    /** Machines it would need alone. */
    readonly alone: number;
  } | null;
  /** Time it adds to a path, ms. */
  readonly latencyMs: number;
  /** What its cost counts as free of the answers it sends to users, GB a month; by the list of its site. */
  readonly freeGigabytes: number;
}

export interface InstanceStage {
  /** `one`: one place. `shares`: places whose shares add up to the load. `places`: whole copies until available enough. */
  readonly rule: 'one' | 'shares' | 'places';
  readonly mostPlaces: number;
  /** Only with `places`: -ln(1 - availability) to be reached; that of each site adds up, failures being independent. */
  readonly leastLogAvailability: number;
  /** Present only with one of these alternatives; null: always. */
  readonly alternatives: readonly number[] | null;
}

interface InstanceSite {
  /** USD a month once anything runs there. */
  readonly openCost: number;
  readonly country: number;
  /** -ln(1 - availability). */
  readonly logAvailability: number;
  /** Price list of what it sends over the internet, where that gives a volume for nothing. */
  readonly freeList: number | null;
}

/** What an account may send for nothing a month, whatever sends it. */
interface FreeAccount {
  readonly name: string;
  readonly gigabytes: number;
}

/** What a GB of that volume is worth where it is sent from. */
interface FreeList {
  readonly account: number;
  readonly usdPerGigabyte: number;
}

/** Equal machines at one site that several options share. */
export interface InstancePool {
  readonly site: number;
  /** USD a month per machine. */
  readonly unitCost: number;
  readonly most: number;
  readonly memoryBytesPerUnit: number;
  /** Machines to be used besides those that carry the load. */
  readonly uses: readonly (readonly [resource: number, amount: number])[];
}

/** Traffic between two stages, charged by the pair of sites it goes between. */
export interface InstanceEdge {
  readonly from: number;
  readonly to: number;
  /** USD a month from a site of `from` to each site of `to`, with all of both there; 0 within a site. Worked out when asked for. */
  readonly pairCost: (from: number) => readonly number[];
  /** What that cost counts as free, GB a month by site of `to`; null: nothing. */
  readonly freeGigabytes: (from: number) => readonly number[] | null;
  /** Flows only with one of these alternatives, where `to` is there at all; null: always. */
  readonly alternatives: readonly number[] | null;
}

export interface InstancePath {
  readonly stages: readonly number[];
  readonly budgetMs: number;
  /** JSON pointer of the budget. */
  readonly field: string;
  /** Between sites, ms; 0 within one. */
  readonly roundTripMs: (from: number, to: number) => number;
}

export interface InstanceResource {
  readonly name: string;
  readonly capacity: number;
  /** Costs in USD count against it: a budget. */
  readonly isBudget: boolean;
}

export interface Instance {
  readonly stages: readonly InstanceStage[];
  readonly options: readonly InstanceOption[];
  readonly sites: readonly InstanceSite[];
  readonly pools: readonly InstancePool[];
  readonly edges: readonly InstanceEdge[];
  readonly paths: readonly InstancePath[];
  readonly resources: readonly InstanceResource[];
  readonly freeAccounts: readonly FreeAccount[];
  readonly freeLists: readonly FreeList[];
  /** Groups of alternatives, one of each is taken, by number of alternatives; numbered through. */
  readonly alternativeGroups: readonly number[];
  readonly leastSites: number;
  readonly leastCountries: number;
}

export interface Assignment {
  /** Indices of the chosen options, in order. */
  readonly options: readonly number[];
  /** Machines per pool. */
  readonly machines: readonly number[];
  readonly alternatives: readonly number[];
  /** How far each resource is exceeded; only where the program allowed it. */
  readonly exceeded: readonly number[];
}
