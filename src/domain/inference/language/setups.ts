/**
 * What a device can be set up as for a model under requests of given lengths, with the settings that the caller fixed. No load,
 * price or place enters, so that requests which differ only in those share it: the sets asked for last are kept.
 */
import type { Device } from '../../devices/device.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { attendedContext, attendedEntries } from '../../models/attended-context.ts';
import type { Replica } from '../load/replica.ts';
import { cacheEntryElements } from '../step/cache-entry.ts';
import {
  SERVING_DEFAULTS,
  type ServingConfiguration,
  WEIGHT_FORMATS,
  type WeightFormat,
} from '../step/configuration.ts';
import { checkConfiguration } from '../step/feasibility.ts';
import { bytesPerWeight } from '../step/formats.ts';
import type { RequestLengths } from '../step/lengths.ts';
import type { Refusal } from '../step/results.ts';
import { candidateConfigurations, defaultEngine, defaultMaxSequences, preferredFormats } from './candidates.ts';

interface SetupTerms {
  readonly model: LanguageArchitecture;
  readonly lengths: RequestLengths;
  readonly base: Partial<ServingConfiguration>;
}

class DeviceSetups {
  readonly device: Device;
  private readonly terms: SetupTerms;
  private tried: readonly Replica[] | null = null;
  private reasons: readonly Refusal[] | null = null;
  private least: number | null | undefined = undefined;

  constructor(device: Device, terms: SetupTerms) {
    this.device = device;
    this.terms = terms;
  }

  /** Worth trying, in order of preference; empty where nothing can be set up. */
  get replicas(): readonly Replica[] {
    this.tried ??= replicasOn(this.device, this.terms);
    return this.tried;
  }

  /** Why the smallest deployment there is cannot serve the model. */
  get refusals(): readonly Refusal[] {
    this.reasons ??= checkConfiguration(smallestConfiguration(this.device, this.terms), this.terms.lengths);
    return this.reasons;
  }

  /** Below what any schedule takes; null where the device lacks a figure. */
  get leastDeviceSecondsPerRequest(): number | null {
    if (this.least === undefined) this.least = leastDeviceSecondsPerRequest(this.device, this.terms);
    return this.least;
  }
}

interface KnownSetups {
  readonly terms: SetupTerms;
  /** Lengths and settings, to compare those of another request with. */
  readonly key: string;
  readonly byDevice: WeakMap<Device, DeviceSetups>;
}

/** Some hundred devices with a few kilobytes each. */
const SETS_KEPT = 16;
/** The set asked for last stands first. */
let known: readonly KnownSetups[] = [];

export function setupsOn(device: Device, terms: SetupTerms): DeviceSetups {
  const { byDevice, terms: own } = knownSetups(terms);
  const found = byDevice.get(device);
  if (found !== undefined) return found;
  const setups = new DeviceSetups(device, own);
  byDevice.set(device, setups);
  return setups;
}

function knownSetups({ model, lengths, base }: SetupTerms): KnownSetups {
  const [latest] = known;
  // one question asks for many devices
  if (isOf(latest, model) && latest.terms.lengths === lengths && latest.terms.base === base) return latest;
  const key = JSON.stringify([lengths, base]);
  const same = known.find((each) => isOf(each, model) && each.key === key);
  const setups = { terms: { model, lengths, base }, key, byDevice: same?.byDevice ?? new WeakMap() };
  known = [setups, ...known.filter((each) => each !== same)].slice(0, SETS_KEPT);
  return setups;
}

const isOf = (setups: KnownSetups | undefined, model: LanguageArchitecture): setups is KnownSetups =>
  setups?.terms.model === model;

function replicasOn(device: Device, { model, lengths, base }: SetupTerms): readonly Replica[] {
  const weightFormats = base.weightFormat === undefined ? formatsAsWide(model, device, base) : [base.weightFormat];
  if (weightFormats.length === 0) return [];
  return candidateConfigurations(model, device, lengths, base, { weightFormats, maxDevices: null, everyGroup: true });
}

const publishedFormat = (model: LanguageArchitecture): WeightFormat =>
  WEIGHT_FORMATS.find((format) => format === model.nativeWeightFormat) ?? 'bf16';

/**
 * The first format the device runs that is at least as wide as the published one. A narrower one changes answers: it is
 * for the caller to choose, and an infeasible answer names it.
 */
export function formatsAsWide(
  model: LanguageArchitecture,
  device: Device,
  base: Partial<ServingConfiguration>,
): WeightFormat[] {
  const engine = base.engine ?? defaultEngine(device);
  const published = publishedFormat(model);
  const widest = preferredFormats(model, device, engine).find(
    (format) => format === published || bytesPerWeight(format, engine) >= bytesPerWeight(published, engine),
  );
  return widest === undefined ? [] : [widest];
}

/**
 * No schedule beats the arithmetic at peak rate or the KV cache traffic at full bandwidth (the roofline, Williams et al.
 * 2009, with efficiency 1). Null where the device lacks a figure.
 */
function leastDeviceSecondsPerRequest(device: Device, { model, lengths, base }: SetupTerms): number | null {
  const peak = Math.max(0, ...Object.values(device.densePeakFlops));
  const bandwidth = device.memoryBandwidthBytesPerSecond;
  if (peak === 0 || bandwidth === null) return null;
  const prompt = lengths.promptTokens.mean * (1 - (base.prefixCacheHitRate ?? 0));
  const output = lengths.outputTokens.mean;
  const accepted = 1 + (base.speculative?.acceptedTokens ?? 0);
  const embedding = model.vocabularySize * model.hiddenSize * (model.tiedEmbeddings ? 1 : 2);
  const flopsPerToken = 2 * Math.max(model.parametersActive - embedding, 0);
  const attended = attendedEntries(attendedContext(model), lengths.promptTokens.mean);
  // one byte per element is the narrowest KV cache there is
  const kvBytes = (output / accepted) * attended * cacheEntryElements(model);
  return Math.max((flopsPerToken * (prompt + output)) / peak, kvBytes / bandwidth);
}

/** The smallest deployment there is, to learn from its refusals why a device cannot serve the model. */
export function smallestConfiguration(
  device: Device,
  { model, base }: Pick<SetupTerms, 'model' | 'base'>,
): ServingConfiguration {
  const engine = base.engine ?? defaultEngine(device);
  return {
    ...SERVING_DEFAULTS,
    model,
    device,
    engine,
    weightFormat: formatsAsWide(model, device, base)[0] ?? publishedFormat(model),
    tensorParallel: 2 ** Math.floor(Math.log2(Math.max(device.devicesPerNode, 1))),
    maxSequences: defaultMaxSequences(device, engine),
    ...base,
  };
}
