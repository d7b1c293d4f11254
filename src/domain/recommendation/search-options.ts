/** The whole search: every way of serving, at every price, judged by every limit. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import { resolveServedModel, type ServedModel } from '../estimate/resolve-model.ts';
import { refuseForeignFields } from '../inference/sample-fields.ts';
import { deviceFailures, type Failure, optionFailures } from './constraints.ts';
import { joinPrices } from './join-prices.ts';
import { languagePoints } from './language-points.ts';
import { noteLeadTimes } from './lead-time.ts';
import { familiesOfOptions, familyOfDevice, familyOfFault, familyOfUnpriced, type LeftOutFamily } from './left-out.ts';
import { acceptedPresets, type OptimizationPreset } from './optimization-presets.ts';
import type { HardwareOption } from './option.ts';
import type { EvaluatedPoints, FamilyFault, PerformancePoint } from './performance-point.ts';
import type { Pause, Pruning } from './point-search.ts';
import type { InferenceRecommendationRequest } from './request.ts';
import { samplePoints } from './sample-points.ts';

export interface JudgedOption {
  readonly option: HardwareOption;
  readonly failures: readonly Failure[];
}

export interface OptionSearch {
  readonly model: ServedModel;
  readonly feasible: readonly HardwareOption[];
  readonly judged: readonly JudgedOption[];
  readonly faults: readonly FamilyFault[];
  readonly leftOut: readonly LeftOutFamily[];
  readonly counts: {
    readonly devices: number;
    readonly configurations: number;
    readonly performancePoints: number;
    readonly options: number;
    readonly feasible: number;
  };
}

export interface SearchContext {
  readonly snapshot: CatalogSnapshot;
  readonly at: string;
  readonly log: AssumptionLog;
  readonly pause: Pause;
}

/** The first stage on some devices. */
export function pointsOn(
  { snapshot, at, log, pause }: SearchContext,
  request: InferenceRecommendationRequest,
  devices: readonly Device[],
  remember: boolean,
  pruning: Pruning | null = null,
): Promise<EvaluatedPoints> {
  const model = resolveServedModel(snapshot, request.inference);
  const search = { snapshot, request, at, devices, log, pause, remember, pruning };
  return model.kind === 'language' ? languagePoints(search, model) : samplePoints(search, model);
}

/** A point of a preset, told apart from the same configuration without it. */
export const tagged = (point: PerformancePoint, preset: OptimizationPreset): PerformancePoint => ({
  ...point,
  id: `${point.id}+${preset.id}`,
  preset,
  accuracyPercent: point.accuracyPercent === null ? null : (point.accuracyPercent * preset.quality.low) / 100,
});

/** The workload as it stands, and under every preset that the caller accepts. */
async function allPoints(
  context: SearchContext,
  request: InferenceRecommendationRequest,
  devices: readonly Device[],
): Promise<EvaluatedPoints> {
  const plain = await pointsOn(context, request, devices, true);
  const all = [plain];
  for (const preset of acceptedPresets(context.snapshot, request)) {
    const changed = { ...request, inference: preset.apply(request.inference) };
    const { points, faults, evaluated } = await pointsOn(context, changed, devices, true);
    all.push({
      points: points.map((point) => tagged(point, preset)),
      faults: faults.map((fault) => ({ ...fault, familyId: `${fault.familyId}+${preset.id}` })),
      evaluated,
    });
    if (preset.assumes !== null) {
      context.log.add({
        id: `optimization.${preset.id}`,
        field: '/optimizations',
        value: preset.label,
        unit: null,
        range: null,
        source: preset.assumes,
        reason: 'The gain of this way of serving rests on it: measure it on your traffic.',
      });
    }
  }
  return {
    points: all.flatMap(({ points }) => points),
    faults: all.flatMap(({ faults }) => faults),
    evaluated: all.reduce((sum, { evaluated }) => sum + evaluated, 0),
  };
}

export async function searchOptions(
  context: SearchContext,
  request: InferenceRecommendationRequest,
  /** Devices that the caller excludes are worked out as well, and judged like the rest. */
  everyDevice = false,
): Promise<OptionSearch> {
  const { snapshot, at, pause } = context;
  const { inference, constraints = {}, purchase } = request;
  const model = resolveServedModel(snapshot, inference);
  refuseForeignFields(inference, model.architecture.kind);
  const leftOut: LeftOutFamily[] = [];
  const failuresOf = new Map<Device, Failure[]>();
  const devices = snapshot.devices.filter((device) => {
    const failures = deviceFailures(device, constraints);
    if (failures.length === 0) return true;
    if (everyDevice) failuresOf.set(device, failures);
    else leftOut.push(familyOfDevice(device, failures));
    return everyDevice;
  });
  const { points, faults, evaluated } = await allPoints(context, request, devices);
  if (constraints.maxLeadTimeDays !== undefined) noteLeadTimes(context.log);
  await pause();
  const { options, unpriced } = await joinPrices(
    {
      snapshot,
      inference,
      at,
      terms: purchase,
      ownedCountry: constraints.countries?.[0] ?? null,
    },
    points,
    pause,
  );
  await pause();
  const byId = new Map([...failuresOf].map(([device, failures]) => [device.id, failures]));
  const judged = options.map((option) => {
    const ofDevice = byId.get(option.point.device.id);
    const failures = optionFailures(option, request);
    return { option, failures: ofDevice === undefined ? failures : [...ofDevice, ...failures] };
  });
  const feasible = judged.filter(({ failures }) => failures.length === 0).map(({ option }) => option);
  leftOut.push(...faults.map(familyOfFault), ...familiesOf(unpriced), ...familiesOfOptions(judged));
  return {
    model,
    feasible,
    judged,
    faults,
    leftOut,
    counts: {
      devices: devices.length,
      configurations: evaluated,
      performancePoints: points.length,
      options: options.length,
      feasible: feasible.length,
    },
  };
}

/** One for each device: its points differ in how they are served, not in being for sale. */
function familiesOf(unpriced: readonly PerformancePoint[]): LeftOutFamily[] {
  const first = new Map<string, PerformancePoint>();
  for (const point of unpriced) if (!first.has(point.device.id)) first.set(point.device.id, point);
  return [...first.values()].map(familyOfUnpriced);
}
