/** What each optimization would save, accepted or not, and by how much it would improve the figure that options are ranked by. */
import { AssumptionLog } from '../../economics/assumption.ts';
import { resolveServedModel } from '../../estimate/resolve-model.ts';
import type { Quality } from '../../inference/optimization/option.ts';
import type { Change } from '../constraints.ts';
import type { LeftOutFamily } from '../left-out.ts';
import type { HardwareOption } from '../option.ts';
import { ACCURACY_STEPS } from '../performance/accuracy.ts';
import { figureOf } from '../ranking.ts';
import type { InferenceRecommendationRequest, OptimizationPresetId, RankingFigure } from '../request.ts';
import type { SearchContext } from '../search-options.ts';
import {
  acceptedPresets,
  isAvailable,
  type OptimizationPreset,
  type Preset,
  presetsOf,
} from './optimization-presets.ts';
import {
  acceptance,
  cheapestBelow,
  type DeviceBound,
  type FigureBesideCost,
  type Found,
  type Limit,
  marketOf,
  notAccepted,
} from './preset-search.ts';

type Request = InferenceRecommendationRequest;

export interface OptimizationComparison {
  /** quantized_weights is accepted by the accuracy floor, not by name. */
  readonly id: OptimizationPresetId | 'combined' | 'quantized_weights';
  readonly label: string;
  readonly status: 'saves' | 'saves_nothing' | 'accepted' | 'applied' | 'not_available';
  /** Why it cannot be had; null otherwise. */
  readonly detail: string | null;
  /** The cheapest with it: of what is accepted whatever it costs, of the rest where it costs less than that; else null. */
  readonly cheapest: HardwareOption | null;
  /** Off the cheapest accepted option; for what is accepted, off the cheapest without any. Null without an option. */
  readonly savingUsdPerMonth: number | null;
  /** No option with it costs less; null where none was looked at. */
  readonly atLeastUsdPerMonth: number | null;
  /** Candidates worked out in full, and those that their bound ruled out. */
  readonly evaluated: number;
  readonly pruned: number;
  readonly quality: Quality | null;
  readonly precondition: string;
  readonly assumes: string | null;
  /** What accepts it; null where nothing does. */
  readonly change: Change | null;
  /** Null where options are ranked by cost, or where no option with the optimization is better by the first ranking figure. */
  readonly better: BetterFigure | null;
}

export interface BetterFigure {
  readonly by: FigureBesideCost;
  readonly option: HardwareOption;
  /** ms, kWh or kg CO2e: the best that is accepted (without any optimization, of one that is), and the best with it. */
  readonly from: number;
  readonly to: number;
}

interface PresetComparisons {
  readonly comparisons: readonly OptimizationComparison[];
  readonly leftOut: readonly LeftOutFamily[];
}

/** @param feasible what the caller accepts: what costs as much is no longer of interest */
export async function comparePresets(
  context: SearchContext,
  request: Request,
  feasible: readonly HardwareOption[],
): Promise<PresetComparisons> {
  const { pause } = context;
  const limit = limitOf(request, feasible);
  await pause();
  const quiet = { ...context, log: new AssumptionLog() };
  const market = marketOf(context, request, feasible);
  const comparisons: OptimizationComparison[] = [];
  const leftOut: LeftOutFamily[] = [];
  const accepted: readonly string[] = request.optimizations?.accept ?? [];
  for (const preset of presetsOf(context.snapshot, request)) {
    const bare = plainComparison(preset);
    if (!isAvailable(preset)) {
      comparisons.push(bare);
      continue;
    }
    if (accepted.includes(preset.id)) continue;
    const found = await cheapestBelow(quiet, request, { preset, request }, market, limit);
    comparisons.push({ ...bare, ...verdictOf(found, limit) });
    leftOut.push(...found.devices.map((device) => familyOf(preset, device)));
  }
  const unaided = feasible.filter(({ point }) => point.preset === null);
  const without = cheapestOf(unaided);
  await pause();
  const plain = limitOf(request, unaided);
  for (const preset of acceptedPresets(context.snapshot, request)) {
    await pause();
    const served = feasible.filter(({ point }) => point.preset?.id === preset.id);
    const cheapest = cheapestOf(served);
    const saving = cheapest === null || without === null ? null : without.usdPerMonth - cheapest.usdPerMonth;
    const atLeastUsdPerMonth = cheapest?.usdPerMonth ?? null;
    comparisons.push({
      ...plainComparison(preset),
      status: 'accepted',
      cheapest,
      savingUsdPerMonth: saving,
      atLeastUsdPerMonth,
      change: null,
      better: betterBy(plain, bestBy(plain.figure?.by ?? 'cost', served)),
    });
  }
  const narrower = narrowerFormats(context, request);
  if (narrower !== null) {
    const found = await cheapestBelow(quiet, request, { preset: null, request: narrower.request }, market, limit);
    const kept = found.cheapest?.point.accuracyPercent ?? null;
    comparisons.push({
      ...NARROWER_WEIGHTS,
      ...verdictOf(found, limit),
      change: kept === null ? null : { field: '/constraints/minAccuracyPercent', to: kept },
    });
  }
  return { comparisons, leftOut };
}

const cheapestOf = (options: readonly HardwareOption[]): HardwareOption | null =>
  options.reduce(
    (best: HardwareOption | null, option) => (best === null || option.usdPerMonth < best.usdPerMonth ? option : best),
    null,
  );

function limitOf({ rankBy }: Request, options: readonly HardwareOption[]): Limit {
  const usd = cheapestOf(options)?.usdPerMonth ?? Number.POSITIVE_INFINITY;
  const by = rankBy?.[0]?.by ?? 'cost';
  const best = by === 'cost' ? null : bestBy(by, options);
  const value = best === null ? Number.MAX_VALUE : figureOf(best, by);
  // where nobody knows the figure of anything, the cost is all there is
  return { usd, figure: by === 'cost' || value === Number.MAX_VALUE ? null : { by, value } };
}

const bestBy = (by: RankingFigure, options: readonly HardwareOption[]): HardwareOption | null =>
  options.reduce(
    (best: HardwareOption | null, option) =>
      best === null || figureOf(option, by) < figureOf(best, by) ? option : best,
    null,
  );

function betterBy({ figure }: Limit, option: HardwareOption | null): BetterFigure | null {
  if (figure === null || option === null) return null;
  const to = figureOf(option, figure.by);
  return to < figure.value ? { by: figure.by, option, from: figure.value, to } : null;
}

const plainComparison = (preset: Preset): OptimizationComparison => ({
  id: preset.id,
  label: preset.label,
  status: isAvailable(preset) ? 'saves_nothing' : preset.status,
  detail: isAvailable(preset) ? null : preset.detail,
  cheapest: null,
  savingUsdPerMonth: null,
  atLeastUsdPerMonth: null,
  evaluated: 0,
  pruned: 0,
  quality: preset.quality,
  precondition: preset.precondition,
  assumes: preset.assumes,
  change: isAvailable(preset) ? acceptance(preset) : null,
  better: null,
});

const NARROWER_WEIGHTS: Omit<OptimizationComparison, 'status' | 'change' | 'better'> = {
  id: 'quantized_weights',
  label: 'Weights narrower than published',
  detail: null,
  cheapest: null,
  savingUsdPerMonth: null,
  atLeastUsdPerMonth: null,
  evaluated: 0,
  pruned: 0,
  // each format keeps its own share: the option says which
  quality: null,
  precondition: 'A calibrated checkpoint in the narrower format, and tests of the task on it.',
  assumes: null,
};

const verdictOf = ({ cheapest, best, atLeastUsd, evaluated, pruned }: Found, limit: Limit) => ({
  status: cheapest === null ? ('saves_nothing' as const) : ('saves' as const),
  cheapest,
  savingUsdPerMonth: cheapest === null ? null : limit.usd - cheapest.usdPerMonth,
  atLeastUsdPerMonth: Number.isFinite(atLeastUsd) ? atLeastUsd : null,
  evaluated,
  pruned,
  better: betterBy(limit, best),
});

/** The question with every format admitted whose loss is measured; null where it admits them, or fixes the format. */
function narrowerFormats({ snapshot }: SearchContext, request: Request): { readonly request: Request } | null {
  const lowest = Math.min(...ACCURACY_STEPS);
  const floor = request.constraints?.minAccuracyPercent;
  if (floor !== undefined && floor <= lowest) return null;
  if (request.inference.serving?.weightFormat !== undefined) return null;
  if (resolveServedModel(snapshot, request.inference).kind !== 'language') return null;
  return { request: { ...request, constraints: { ...request.constraints, minAccuracyPercent: lowest } } };
}

const familyOf = (preset: OptimizationPreset, bound: DeviceBound): LeftOutFamily => ({
  familyId: `${bound.deviceId}+${preset.id}`,
  deviceId: bound.deviceId,
  constraint: 'optimization',
  detail: `${bound.deviceName}: ${preset.label.charAt(0).toLowerCase()}${preset.label.slice(1)} is not accepted.`,
  failures: [notAccepted(preset)],
  options: bound.options,
  nearestOption: bound.nearest,
  cheapestUsdPerMonth: bound.atLeastUsd,
});
