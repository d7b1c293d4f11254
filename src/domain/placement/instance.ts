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
  /** USD a month by the sites of `from` and `to`, with all of both there; 0 within a site. */
  readonly pairCost: readonly (readonly number[])[];
  /** Flows only with one of these alternatives, where `to` is there at all; null: always. */
  readonly alternatives: readonly number[] | null;
}

export interface InstancePath {
  readonly stages: readonly number[];
  readonly budgetMs: number;
  /** JSON pointer of the budget. */
  readonly field: string;
  /** Between sites, ms. */
  readonly roundTripMs: readonly (readonly number[])[];
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
