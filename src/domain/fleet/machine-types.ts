/** The machines a mix is made of: the devices that are cheapest for all requests, for small ones and for large ones. */
import type { AssumptionLog } from '../economics/assumption.ts';
import type { PriceOption } from '../economics/price-selection.ts';
import type { NamedModel } from '../estimate/resolve-model.ts';
import { candidateConfigurations } from '../inference/candidates.ts';
import { languageQuestion } from '../inference/estimate-language.ts';
import { fixedLength } from '../inference/lengths.ts';
import { SPOT_DEVICE_TIME_FACTOR } from '../inference/optimization/spot-interruptions.ts';
import type { LanguageArchitecture } from '../models/architecture.ts';
import { scaleUnitAmount } from '../money.ts';
import type { HardwareOption } from '../recommendation/option.ts';
import { ranked } from '../recommendation/ranking.ts';
import type { InferenceRecommendationRequest, InferenceWorkload } from '../recommendation/request.ts';
import { type OptionSearch, type SearchContext, searchOptions } from '../recommendation/search-options.ts';
import type { RequestSize } from './request-sizes.ts';
import type { MachineType } from './solve-fleet.ts';

export interface RentedMachine extends MachineType {
  readonly option: HardwareOption;
  readonly price: PriceOption;
  readonly devicesPerMachine: number;
  /** Decimal string, USD; interruptions of spot capacity included. */
  readonly amountPerMachineHour: string;
}

export interface MachineSearch {
  readonly machines: readonly RentedMachine[];
  /** All requests together. */
  readonly whole: OptionSearch;
}

const MOST_MACHINES = 12;
/** Of each of the three searches, for steady and for spot capacity each. */
const NAMED_PER_SEARCH = 3;

export async function machineTypes(
  context: SearchContext,
  request: InferenceRecommendationRequest,
  model: NamedModel<LanguageArchitecture>,
  sizes: readonly RequestSize[],
  quietLog: () => AssumptionLog,
): Promise<MachineSearch> {
  const bySize = [...sizes].sort((a, b) => a.promptTokens + a.outputTokens - b.promptTokens - b.outputTokens);
  const whole = await searchOptions(context, request);
  const machines = new Map<string, RentedMachine>();
  const searches: { readonly search: OptionSearch; readonly inference: InferenceWorkload }[] = [
    { search: whole, inference: request.inference },
  ];
  for (const size of [bySize[0], bySize.at(-1)]) {
    if (size === undefined) continue;
    const inference = ofOneSize(request.inference, size);
    const search = await searchOptions({ ...context, log: quietLog() }, { ...request, inference });
    searches.push({ search, inference });
  }
  for (const { search, inference } of searches) {
    for (const option of cheapestPerDevice(search.feasible)) {
      const machine = machineOf(context, inference, model, option, quietLog());
      if (machine !== null && !machines.has(machine.id) && machines.size < MOST_MACHINES)
        machines.set(machine.id, machine);
    }
  }
  return { machines: [...machines.values()], whole };
}

const ofOneSize = (inference: InferenceWorkload, { promptTokens, outputTokens }: RequestSize): InferenceWorkload => ({
  ...inference,
  promptTokens: { mean: promptTokens, coefficientOfVariation: 0 },
  outputTokens: { mean: outputTokens, coefficientOfVariation: 0 },
});

/** Rentals by the hour, the cheapest of each device, steady and spot apart. */
function cheapestPerDevice(feasible: readonly HardwareOption[]): HardwareOption[] {
  const found: HardwareOption[] = [];
  const order = ranked(feasible, [{ by: 'cost' }]).filter(({ category }) => HOURLY.includes(category));
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

/** What is bought or reserved for days comes in sizes of its own. */
const HOURLY: readonly string[] = ['on_demand', 'spot', 'committed'];

/** Null where the configuration does not fit its own sizes when alone. */
export function machineOf(
  { snapshot, at }: SearchContext,
  inference: InferenceWorkload,
  model: NamedModel<LanguageArchitecture>,
  option: HardwareOption,
  log: AssumptionLog,
): RentedMachine | null {
  const { point, price, category } = option;
  const bare = snapshot.device(point.device.id);
  if (price === null || bare === undefined) return null;
  const pinned = { ...inference, serving: point.serving };
  const { question, hosted } = languageQuestion(snapshot, pinned, model.architecture, at, log);
  const [candidate] = candidateConfigurations(
    model.architecture,
    hosted(bare).device,
    // any size will do: it is the configuration that is wanted
    { promptTokens: fixedLength(1), outputTokens: fixedLength(1) },
    question.base,
  );
  if (candidate === undefined) return null;
  const devicesPerReplica = point.devicesPerReplica;
  const devicesPerMachine = Math.max(price.offer.deviceCount, devicesPerReplica);
  const units = devicesPerMachine / price.offer.deviceCount;
  const perMachine = scaleUnitAmount(price.amountPerDeviceHour, price.offer.deviceCount * Math.ceil(units));
  const amountPerMachineHour = category === 'spot' ? scaleUnitAmount(perMachine, SPOT_DEVICE_TIME_FACTOR) : perMachine;
  return {
    id: [point.id, category, option.termMonths, option.regionId ?? option.providerId, price.offer.sku].join('@'),
    option,
    price,
    configuration: candidate.configuration,
    devicesPerMachine,
    replicasPerMachine: Math.floor(devicesPerMachine / devicesPerReplica),
    usdPerHour: Number(amountPerMachineHour),
    amountPerMachineHour,
    steady: category !== 'spot',
  };
}
