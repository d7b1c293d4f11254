/** From the request's serving options to the configuration's fields, and back to the assumptions they leave. */
import type { AssumptionLog } from '../../economics/assumption.ts';
import { refuse } from '../../estimate/request-fault.ts';
import { modelPointer } from '../../estimate/resolve-model.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { GB, GIB } from '../../units.ts';
import { DECODE_MATCH } from '../load/decode-pool.ts';
import { PREFILL_MATCH } from '../load/prefill-pool.ts';
import type { Replica } from '../load/replica.ts';
import type { InferenceRequest } from '../request.ts';
import type { ServingConfiguration, ServingEngine } from '../step/configuration.ts';
import { measuredDeviceLevel } from '../step/efficiency.ts';
import { eraOf, eraOfVersion, type SoftwareEra } from '../step/software-era.ts';
import { unmeasuredKind } from '../step/uncertainty.ts';

/** Only what the caller fixed: what is absent is chosen per device. */
export function servingBase({ serving }: InferenceRequest, hitRate: number): Partial<ServingConfiguration> {
  const {
    engineVersion,
    hostMemoryGibPerSocket: _ofTheHost,
    powerWatts: _ofTheBoard,
    networkGbPerSecondPerDevice: network,
    offloadGibPerDevice: offload,
    ...settings
  } = serving ?? {};
  const { speculative } = settings;
  if (speculative !== undefined && speculative.acceptedTokens > speculative.draftTokens) {
    refuse(
      '/serving/speculative/acceptedTokens',
      'maximum',
      `No more tokens are accepted than the ${speculative.draftTokens} drafted; lower it.`,
    );
  }
  if (settings.weightFormat === 'w8a16' || settings.weightFormat === 'fp32') {
    refuse(
      '/serving/weightFormat',
      'choice',
      `Language models cannot be served in the format ${settings.weightFormat}; choose another, or leave weightFormat out.`,
    );
  }
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(given) as Partial<ServingConfiguration>),
    ...(engineVersion !== undefined && { softwareEra: eraAsked(settings.engine, engineVersion).id }),
    ...(network !== undefined && { networkBytesPerSecondPerDevice: network * GB }),
    ...(offload !== undefined && { offloadedBytes: offload * GIB }),
    prefixCacheHitRate: hitRate,
  };
}

/** @throws RequestFaultError for a version without its engine or one that is not a number. */
function eraAsked(engine: ServingEngine | undefined, version: string): SoftwareEra {
  if (engine === undefined) {
    return refuse('/serving/engineVersion', 'requires', 'engineVersion needs the engine: name serving.engine too.');
  }
  return (
    eraOfVersion(engine, version) ??
    refuse(
      '/serving/engineVersion',
      'pattern',
      `"${version}" is not a version: give numbers with dots, such as ${EXAMPLE_VERSION[engine]}.`,
    )
  );
}

const EXAMPLE_VERSION: Readonly<Record<ServingEngine, string>> = {
  vllm: '0.15.1',
  sglang: '0.5.9',
  tensorrt_llm: '1.2.0',
  llama_cpp: '4000',
};

const CHOSEN: readonly {
  readonly name:
    | 'engine'
    | 'weightFormat'
    | 'kvCacheFormat'
    | 'tensorParallel'
    | 'maxSequences'
    | 'maxBatchedTokens'
    | 'memoryUtilization';
  readonly unit: string | null;
  readonly source: string;
  readonly reason: string;
}[] = [
  {
    name: 'engine',
    unit: null,
    source:
      'vLLM on datacenter accelerators and processors with bf16 units; llama.cpp on others, Apple and edge boards',
    reason: 'The engine in common use on this class of device.',
  },
  {
    name: 'weightFormat',
    unit: null,
    source: 'the published checkpoint, or the closest format the device runs',
    reason: 'Narrower formats cost less and may cost accuracy, so they are not chosen for you.',
  },
  {
    name: 'kvCacheFormat',
    unit: null,
    source: 'engine default for this weight format',
    reason: 'Decides how many sequences fit.',
  },
  {
    name: 'tensorParallel',
    unit: 'devices',
    source: 'the cheaper of the smallest group with room for a batch and its double',
    reason: 'Decides latency and how many sequences fit.',
  },
  { name: 'maxSequences', unit: 'sequences', source: 'engine default', reason: 'Caps the batch.' },
  { name: 'maxBatchedTokens', unit: 'tokens', source: 'engine default', reason: 'Size of a chunk of prefill.' },
  {
    name: 'memoryUtilization',
    unit: 'share of device memory',
    source: 'engine default',
    reason: 'What the engine may use.',
  },
];

/** Lists what was chosen for the caller. */
export function noteServingDefaults(
  { serving }: InferenceRequest,
  configuration: ServingConfiguration,
  log: AssumptionLog,
): void {
  if (serving?.engineVersion === undefined) noteSoftwareEra(configuration, log);
  for (const { name, unit, source, reason } of CHOSEN) {
    if (serving?.[name] !== undefined) continue;
    log.add({
      id: `serving.${name}`,
      field: `/serving/${name}`,
      value: configuration[name],
      unit,
      range: null,
      source,
      reason,
    });
  }
}

/** Which versions of the engine the figures are of, where the caller does not say. */
function noteSoftwareEra(configuration: ServingConfiguration, log: AssumptionLog): void {
  const { from, description } = eraOf(configuration);
  log.add({
    id: 'serving.engineVersion',
    field: '/serving/engineVersion',
    value: from.join('.'),
    unit: 'first version of the era',
    range: null,
    source: `the newest versions of the engine that were measured: ${description}`,
    reason:
      'What a step costs whatever its size, launches and latencies, falls from release to release; goes with serving.engine.',
  });
}

/** Tells what the device was found to reach against its class. */
export function noteMeasuredLevel({ device, engine }: ServingConfiguration, log: AssumptionLog): void {
  const known = measuredDeviceLevel(device, engine);
  if (known === null) return;
  log.add({
    id: 'serving.measured_device_level',
    field: '/calibration',
    value: known.level,
    unit: 'share of what its class reaches',
    range: null,
    source: `decode rates of ${known.measured} model${known.measured === 1 ? '' : 's'} measured on the ${device.name}`,
    reason: 'Devices of one class differ in how much of their bandwidth they use.',
  });
}

/** Adds an assumption where no server with this kind of attention or layer was measured. */
export function noteArchitecture(
  { model }: ServingConfiguration,
  request: Pick<InferenceRequest, 'model' | 'customLanguageModel'>,
  log: AssumptionLog,
): void {
  const kind = unmeasuredKind(model);
  if (kind === null) return;
  log.add({
    id: 'serving.unmeasured_architecture',
    field: modelPointer(request),
    value: kind,
    unit: null,
    range: null,
    source:
      'published configuration of the model; the rates of kernels are those of ordinary attention and matrix products',
    reason: `No server with ${kind} was among the measured ones: times follow from what is read and computed, and their bands are widened.${published(model)}`,
  });
}

/** What the few published runs of such models reached; no constant is fitted on them (docs/serving-accuracy.md). */
function published({ attention, stateSpace }: LanguageArchitecture): string {
  if (attention.type === 'compressed') {
    return ' Three published runs of spring 2026 reached 50 to 80 % of the predicted rate.';
  }
  return stateSpace ? ' Seven published runs reached 74 to 90 % of the predicted rate.' : '';
}

/** What two pools are assumed to lose against each other, and the network where none is given. */
export function notePools({ pools }: Replica, log: AssumptionLog): void {
  if (pools === null) return;
  log.add({
    id: 'serving.pool_matching',
    field: '/serving/disaggregated',
    value: PREFILL_MATCH,
    unit: 'share of the rate of the prefill pool that is used',
    range: null,
    source: `aiconfigurator (arXiv 2601.06288): ${PREFILL_MATCH} of the prefill pool and ${DECODE_MATCH} of the decode pool`,
    reason:
      'The rates of two pools never match. Their error bands are those of shared replicas: few pools are published.',
  });
  if (pools.link.basis !== 'assumed_network') return;
  log.add({
    id: 'serving.networkGbPerSecondPerDevice',
    field: '/serving/networkGbPerSecondPerDevice',
    value: pools.link.bytesPerSecond / GB,
    unit: 'GB/s per device',
    range: null,
    source: '400 Gb/s for each device, as machines of 8 accelerators have it (NVIDIA DGX H100 and DGX B200)',
    reason: 'The KV cache of a prompt crosses it before the first token is shown.',
  });
}
