/** The whole search: every way of serving, at every price, judged by every limit. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import { resolveServedModel, type ServedModel } from '../estimate/resolve-model.ts';
import { refuseForeignFields } from '../inference/sample/fields.ts';
import { deviceFailures, type Failure, optionFailures } from './constraints.ts';
import { familyOfDevice, familyOfFault, familyOfUnpriced, type LeftOutFamily, OptionFamilies } from './left-out.ts';
import type { HardwareOption } from './option.ts';
import { languagePoints } from './performance/language-points.ts';
import type { EvaluatedPoints, FamilyFault, PerformancePoint } from './performance/performance-point.ts';
import type { Pause, Pruning } from './performance/point-search.ts';
import { samplePoints } from './performance/sample-points.ts';
import { acceptedPresets, type OptimizationPreset } from './presets/optimization-presets.ts';
import { priceJoin } from './prices/join-prices.ts';
import { noteLeadTimes } from './prices/lead-time.ts';
import { cheaper, ranked } from './ranking.ts';
import type { InferenceRecommendationRequest } from './request.ts';

/** Called once for each option, with all reasons against it. */
export type Visit = (option: HardwareOption, failures: readonly Failure[]) => void;

interface SearchDepth {
  /** Whether devices that the caller excludes are worked out as well, to be judged like the rest. */
  readonly everyDevice?: boolean;
  /** Only options that keep every limit are stored, since there are tens of thousands of others. */
  readonly visit?: Visit;
  /** Options are parts of a mix, which as a whole keeps the limits on money, energy, carbon and the facility. */
  readonly partsOfMix?: boolean;
}

export interface OptionSearch {
  readonly model: ServedModel;
  readonly feasible: readonly HardwareOption[];
  /** The cheapest of each way of paying, accepted or not, against which nothing else stands; cheapest first. */
  readonly cheapestByPurchase: readonly HardwareOption[];
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
  { everyDevice = false, visit, partsOfMix = false }: SearchDepth = {},
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
  const join = priceJoin({
    snapshot,
    inference,
    at,
    terms: purchase,
    ownedCountry: constraints.countries?.[0] ?? null,
  });
  const ofDevices = new Map([...failuresOf].map(([device, failures]) => [device.id, failures]));
  const families = new OptionFamilies();
  const cheapestByPurchase = new Map<string, HardwareOption>();
  const feasible: HardwareOption[] = [];
  const unpriced: PerformancePoint[] = [];
  let optionCount = 0;
  for (const point of points) {
    await pause();
    const options = join(point);
    optionCount += options.length;
    if (options.length === 0) unpriced.push(point);
    const ofDevice = ofDevices.get(point.device.id);
    for (const option of options) {
      const ofOption = optionFailures(option, request, partsOfMix);
      const failures = ofDevice === undefined ? ofOption : [...ofDevice, ...ofOption];
      families.add(option, failures);
      if (failures.length === 0) feasible.push(option);
      if (failures.every(({ constraint }) => constraint === 'purchase')) {
        const best = cheapestByPurchase.get(option.category);
        if (best === undefined || cheaper(option, best)) cheapestByPurchase.set(option.category, option);
      }
      visit?.(option, failures);
    }
  }
  leftOut.push(...faults.map(familyOfFault), ...familiesOf(unpriced), ...families.leftOut());
  return {
    model,
    feasible,
    cheapestByPurchase: ranked([...cheapestByPurchase.values()], []),
    faults,
    leftOut,
    counts: {
      devices: devices.length,
      configurations: evaluated,
      performancePoints: points.length,
      options: optionCount,
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
