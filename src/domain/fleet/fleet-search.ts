/** The machines that a mix may be made of, and the best mix of them within the limits: all, or some of them lifted. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { AssumptionLog } from '../economics/assumption.ts';
import { refuse } from '../estimate/request-fault.ts';
import { modelPointer, type NamedModel, resolveServedModel } from '../estimate/resolve-model.ts';
import type { ServingQuestion } from '../inference/language/device-choice.ts';
import { languageQuestion } from '../inference/language/estimate-language.ts';
import type { LanguageArchitecture } from '../models/architecture.ts';
import type { SolveLimits } from '../optimization/integer-program.ts';
import { checkRecommendationRequest } from '../recommendation/check-request.ts';
import type { Pause } from '../recommendation/performance/point-search.ts';
import type { OptionSearch } from '../recommendation/search-options.ts';
import { SECONDS_PER_DAY } from '../units.ts';
import { LoadTable } from './load-table.ts';
import { type FleetMachine, MachineBuilder, machineTypes, withEdge } from './machine-types.ts';
import { MachineUse } from './machine-use.ts';
import { LimitedMix } from './mix-limiting.ts';
import { limitedFigure, type MixLimit, mixLimits, sumOfUses } from './mix-limits.ts';
import { checkMixable, type MixedFleetRequest, onOneKind } from './request.ts';
import { normalized, type RequestSize, sizesOf } from './request-sizes.ts';
import type { MixLimiting } from './solve-fleet.ts';
import { type SolvedPlaces, solvePlaces } from './solve-places.ts';
import type { SolverWork } from './solver-work.ts';

export interface FleetContext {
  readonly snapshot: CatalogSnapshot;
  readonly at: string;
  readonly pause: Pause;
  readonly work: SolverWork;
}

export interface FleetSearch {
  readonly model: NamedModel<LanguageArchitecture>;
  readonly question: ServingQuestion;
  readonly sizes: readonly RequestSize[];
  readonly whole: OptionSearch;
  readonly builder: MachineBuilder;
  readonly limits: readonly MixLimit[];
  readonly use: MachineUse;
  /** Null where nothing limits the mix as a whole. */
  mixWithin(lifted?: readonly MixLimit[], minimized?: MixLimit | 'excess'): MixLimiting | null;
  /** The best mix with some limits lifted: the cheapest, the one that takes least of a lifted limit, or the one that goes least beyond them. */
  best(lifted?: readonly MixLimit[], minimized?: MixLimit | 'excess'): Promise<SolvedPlaces>;
  /** Whether pools, each a machine, its count and its busy replicas, keep every limit together. */
  keepsLimits(pools: readonly (readonly [FleetMachine, number, number])[]): boolean;
  readonly log: AssumptionLog;
}

/** Counted work, so that the same question gives the same answer; the clock is a net far above what that work takes. */
const LIMITS: SolveLimits = {
  maximumNodes: 500,
  maximumSimplexIterations: 20_000,
  relativeGap: 0.005,
  maximumWallClockMs: 20_000,
};
/** What is named as the least that works is nearer to it: a request may be changed to just that. */
const EXCESS_LIMITS: SolveLimits = { ...LIMITS, relativeGap: 0.002 };
/** There is one for each limit, and what its pools really take needs several rounds. */
const LEAST_LIMITS: SolveLimits = { ...EXCESS_LIMITS, maximumSimplexIterations: 6000 };
const DEFAULT_SLICES = 4;

/** @throws RequestFaultError for models that are not language models, unknown ids and contradictions */
export async function searchFleet(context: FleetContext, request: MixedFleetRequest): Promise<FleetSearch> {
  const { snapshot, at, pause, work } = context;
  checkMixable(request);
  const asked = onOneKind(request);
  checkRecommendationRequest(snapshot, asked);
  const model = resolveServedModel(snapshot, asked.inference);
  if (model.kind !== 'language') {
    return refuse(
      `/inference${modelPointer(asked.inference)}`,
      'unsupported_kind',
      'Requests differ in prompt and output length: only language models are mixed by size.',
    );
  }
  const log = new AssumptionLog();
  const { question } = languageQuestion(snapshot, asked.inference, model.architecture, at, log);
  const sizes = normalized(request.sizes ?? sizesOf(question.lengths));
  const builder = new MachineBuilder({ snapshot, at, log, pause }, asked, model);
  const spanning = request.regions === 'any';
  const { places, whole } = await machineTypes({ snapshot, at, log, pause }, asked, builder, sizes, spanning);
  const { requestsPerSecond } = question.load.arrivals;
  const limits = mixLimits(request.constraints ?? {}, withEdge(request));
  const use = new MachineUse(snapshot, asked, asked.inference.requestsPerDay / SECONDS_PER_DAY / requestsPerSecond);
  const limited =
    limits.length === 0 && request.constraints?.facility === undefined ? null : new LimitedMix(limits, use, places);
  const loads = new LoadTable(sizes, question, pause);
  const mixWithin = (lifted: readonly MixLimit[] = [], minimized?: MixLimit | 'excess'): MixLimiting | null =>
    limited?.within(lifted, minimized ?? null) ?? null;
  const best = (lifted: readonly MixLimit[] = [], minimized?: MixLimit | 'excess'): Promise<SolvedPlaces> => {
    const mix = mixWithin(lifted, minimized);
    work.nextQuestion();
    return solvePlaces(
      places,
      {
        serving: question,
        sizes,
        requestsPerSecond,
        slices: request.slicesPerSize ?? DEFAULT_SLICES,
        spareReplicas: question.load.spareReplicas,
        steadyShare: (request.steadySharePercent ?? 0) / 100,
        maxTypes: request.maxTypes ?? null,
        limits: minimized === undefined ? LIMITS : minimized === 'excess' ? EXCESS_LIMITS : LEAST_LIMITS,
        ...(mix !== null && { mix }),
      },
      loads,
      work.solve,
      pause,
      () => work.isSpent,
    );
  };
  const keepsLimits = (pools: readonly (readonly [FleetMachine, number, number])[]): boolean => {
    const mix = mixWithin();
    if (mix === null) return true;
    limited?.know(pools.map(([machine]) => machine));
    const stand = pools.every(([machine, count]) => mix.standsIn(machine, count));
    const total = sumOfUses(pools.map(([machine, count, busy]) => use.ofPool(machine, count, busy).use));
    return stand && mix.isKept(limits.map((limit) => limitedFigure(limit, total)));
  };
  return { model, question, sizes, whole, builder, limits, use, mixWithin, best, keepsLimits, log };
}
