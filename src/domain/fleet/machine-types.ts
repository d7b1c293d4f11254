/** The machines a mix is made of: the devices that are cheapest for all requests, for small ones and for large ones. */
import { AssumptionLog } from '../economics/assumption.ts';
import type { PriceOption } from '../economics/price-selection.ts';
import { type HardwarePricing, hardwarePricing } from '../estimate/hardware-pricing.ts';
import type { NamedModel } from '../estimate/resolve-model.ts';
import { SPOT_DEVICE_TIME_FACTOR } from '../estimate/spot-interruptions.ts';
import { candidateConfigurations } from '../inference/language/candidates.ts';
import { languageQuestion } from '../inference/language/estimate-language.ts';
import type { ServingConfiguration } from '../inference/step/configuration.ts';
import { fixedLength } from '../inference/step/lengths.ts';
import type { LanguageArchitecture } from '../models/architecture.ts';
import { scaleUnitAmount, unitAmount } from '../money.ts';
import type { HardwareOption } from '../recommendation/option.ts';
import { inferenceAt } from '../recommendation/performance/performance-point.ts';
import { ranked } from '../recommendation/ranking.ts';
import type { InferenceRecommendationRequest, InferenceWorkload } from '../recommendation/request.ts';
import { type OptionSearch, type SearchContext, searchOptions } from '../recommendation/search-options.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { limitedFigure, type MixLimit, type MixUse, mixLimits } from './mix-limits.ts';
import type { RequestSize } from './request-sizes.ts';
import type { MachineType } from './solve-fleet.ts';

export interface FleetMachine extends MachineType {
  readonly option: HardwareOption;
  /** Null for owned hardware. */
  readonly price: PriceOption | null;
  readonly devicesPerMachine: number;
  /** Decimal string, USD; interruptions of spot capacity, and hall and power of owned hardware, included. */
  readonly amountPerMachineHour: string;
}

/** Where a fleet stands: a region of a provider, the caller's own hall, or anywhere. */
export interface FleetPlace {
  readonly id: string;
  readonly providerId: string | null;
  readonly regionId: string | null;
  readonly country: string | null;
  readonly machines: readonly FleetMachine[];
}

interface MachineSearch {
  readonly places: readonly FleetPlace[];
  /** All requests together. */
  readonly whole: OptionSearch;
}

/** Of one place. */
const MOST_MACHINES = 12;
const MOST_MACHINES_WITHIN_LIMITS = 18;
/** Of each of the three searches, for steady and for spot capacity each. */
const NAMED_PER_SEARCH = 3;

/** @param spanning one place that is everywhere: a fleet may span regions, providers and the caller's own hall */
export async function machineTypes(
  context: SearchContext,
  request: InferenceRecommendationRequest,
  builder: MachineBuilder,
  sizes: readonly RequestSize[],
  spanning: boolean,
): Promise<MachineSearch> {
  const bySize = [...sizes].sort((a, b) => a.promptTokens + a.outputTokens - b.promptTokens - b.outputTokens);
  const partsOfMix = { partsOfMix: true };
  const whole = await searchOptions(context, request, partsOfMix);
  const searches: OptionSearch[] = [whole];
  for (const size of [bySize[0], bySize.at(-1)]) {
    if (size === undefined) continue;
    const inference = ofOneSize(request.inference, size);
    searches.push(await searchOptions({ ...context, log: new AssumptionLog() }, { ...request, inference }, partsOfMix));
  }
  const edgeToo = withEdge(request);
  const limits = mixLimits(request.constraints ?? {}, edgeToo);
  const most = limits.length > 0 ? MOST_MACHINES_WITHIN_LIMITS : MOST_MACHINES;
  const byPlace = new Map<string, Map<string, FleetMachine>>();
  const orders = [
    ranked(whole.feasible, [{ by: 'cost' }]),
    ...frugalOrders(whole.feasible, limits),
    ...searches.slice(1).map(({ feasible }) => ranked(feasible, [{ by: 'cost' }])),
  ];
  for (const all of orders) {
    const order = all.filter(
      ({ category, point }) => BY_THE_MACHINE.includes(category) && (point.device.class !== 'edge' || edgeToo),
    );
    for (const [place, options] of Map.groupBy(order, (option) => (spanning ? ANYWHERE : placeOf(option)))) {
      const machines = byPlace.get(place) ?? new Map<string, FleetMachine>();
      byPlace.set(place, machines);
      for (const option of cheapestPerDevice(options)) {
        const machine = builder.machineOf(option);
        if (machine !== null && !machines.has(machine.id) && machines.size < most) {
          machines.set(machine.id, machine);
        }
      }
    }
    await context.pause();
  }
  const places = [...byPlace].flatMap(([id, machines]) => {
    const [first] = machines.values();
    if (first === undefined) return [];
    const { providerId, regionId, country } = first.option;
    const where = spanning ? { providerId: null, regionId: null, country: null } : { providerId, regionId, country };
    return [{ id, ...where, machines: [...machines.values()] }];
  });
  return { places, whole };
}

/** Boards serve where they stand: they are no part of a fleet unless they are asked for. */
export const withEdge = ({ constraints }: Pick<InferenceRecommendationRequest, 'constraints'>): boolean =>
  constraints?.deviceClasses?.includes('edge') === true;

/** The cheapest machines may be those that take most of a limit: for each, the order by what serving everything takes of it. */
function frugalOrders(options: readonly HardwareOption[], limits: readonly MixLimit[]): HardwareOption[][] {
  return limits
    .filter(({ constraint }) => constraint !== 'monthly_budget')
    .map((limit) => {
      const taken = new Map(options.map((option) => [option, limitedFigure(limit, useOfWhole(option))]));
      const of = (option: HardwareOption): number => taken.get(option) ?? Number.POSITIVE_INFINITY;
      return [...options].sort((a, b) => of(a) - of(b) || a.usdPerMonth - b.usdPerMonth);
    });
}

const useOfWhole = (option: HardwareOption): MixUse => ({
  usdPerMonth: option.hardwareUsdPerMonth,
  upfrontUsd: option.upfrontUsd,
  facilityKilowattHours: option.facilityKilowattHours,
  carbonKilograms: option.carbonKilograms,
  edgeDevices: option.point.device.class === 'edge' ? option.devicesPaid : 0,
  facilityKilowatts: option.racks?.facilityKilowatts ?? 0,
  racks: option.racks?.racks ?? 0,
});

const ANYWHERE = 'anywhere';

const placeOf = ({ category, providerId, regionId, country }: HardwareOption): string =>
  category === 'owned' ? `owned@${country ?? ANYWHERE}` : (regionId ?? providerId ?? ANYWHERE);

const ofOneSize = (inference: InferenceWorkload, { promptTokens, outputTokens }: RequestSize): InferenceWorkload => ({
  ...inference,
  promptTokens: { mean: promptTokens, coefficientOfVariation: 0 },
  outputTokens: { mean: outputTokens, coefficientOfVariation: 0 },
});

/** The cheapest of each device, steady and spot apart. @param order cheapest first */
function cheapestPerDevice(order: readonly HardwareOption[]): HardwareOption[] {
  const found: HardwareOption[] = [];
  for (const spot of [false, true]) {
    const devices = new Set<string>();
    for (const option of order) {
      if ((option.category === 'spot') !== spot || devices.has(option.point.device.id)) continue;
      devices.add(option.point.device.id);
      found.push(option);
      if (devices.size === NAMED_PER_SEARCH) break;
    }
  }
  return found;
}

/** What is reserved for days comes in sizes of its own. */
const BY_THE_MACHINE: readonly string[] = ['on_demand', 'spot', 'committed', 'owned'];

/** Options as machines; a way of serving is configured once, whatever it costs. */
export class MachineBuilder {
  readonly #context: SearchContext;
  readonly #request: InferenceRecommendationRequest;
  readonly #model: NamedModel<LanguageArchitecture>;
  readonly #owned: HardwarePricing;
  readonly #configurations = new Map<string, ServingConfiguration | null>();

  constructor(
    context: SearchContext,
    request: InferenceRecommendationRequest,
    model: NamedModel<LanguageArchitecture>,
  ) {
    this.#context = context;
    this.#request = request;
    this.#model = model;
    const terms = request.purchase?.owned;
    const purchase = { category: 'owned' as const, ...(terms !== undefined && { owned: terms }) };
    this.#owned = hardwarePricing(context.snapshot, {}, purchase, context.at);
  }

  /** Null where the configuration does not fit its own sizes when alone. */
  machineOf(option: HardwareOption): FleetMachine | null {
    const { point, price, category } = option;
    const configuration = this.#configurationOf(option);
    if (configuration === null) return null;
    const unit = price === null ? (this.#owned.quote(point.device, 1, 1)?.devicesPaid ?? 1) : price.offer.deviceCount;
    const devicesPerMachine = Math.ceil(point.devicesPerReplica / unit) * unit;
    const perMachine =
      price === null
        ? unitAmount((option.hardwareUsdPerMonth / option.devicesPaid / HOURS_PER_MONTH) * devicesPerMachine)
        : scaleUnitAmount(price.amountPerDeviceHour, devicesPerMachine);
    const amountPerMachineHour =
      category === 'spot' ? scaleUnitAmount(perMachine, SPOT_DEVICE_TIME_FACTOR) : perMachine;
    const where = option.regionId ?? option.providerId ?? option.country ?? ANYWHERE;
    return {
      id: [
        point.id,
        category,
        option.termMonths,
        ...(option.payment === 'none' ? [] : [option.payment]),
        where,
        price?.offer.sku ?? devicesPerMachine,
      ].join('@'),
      option,
      price,
      configuration,
      devicesPerMachine,
      replicasPerMachine: Math.floor(devicesPerMachine / point.devicesPerReplica),
      usdPerHour: Number(amountPerMachineHour),
      amountPerMachineHour,
      steady: category !== 'spot',
    };
  }

  #configurationOf({ point }: HardwareOption): ServingConfiguration | null {
    const known = this.#configurations.get(point.id);
    if (known !== undefined) return known;
    const { snapshot, at } = this.#context;
    const pinned = { ...inferenceAt(this.#request.inference, point), serving: point.serving };
    const bare = snapshot.device(point.device.id);
    const { architecture } = this.#model;
    const { question, hosted } = languageQuestion(snapshot, pinned, architecture, at, new AssumptionLog());
    const [candidate] =
      bare === undefined
        ? []
        : candidateConfigurations(
            architecture,
            hosted(bare).device,
            // any size will do: it is the configuration that is wanted
            { promptTokens: fixedLength(1), outputTokens: fixedLength(1) },
            question.base,
          );
    const configuration = candidate?.configuration ?? null;
    this.#configurations.set(point.id, configuration);
    return configuration;
  }
}
