/** From the request's serving options to the configuration's fields, and back to the assumptions they leave. */
import type { AssumptionLog } from '../economics/assumption.ts';
import { refuse } from '../estimate/request-fault.ts';
import { GB, GIB } from '../units.ts';
import type { ServingConfiguration } from './configuration.ts';
import { measuredDeviceLevel } from './efficiency.ts';
import type { InferenceRequest } from './request.ts';

/** Only what the caller fixed: what is absent is chosen per device. */
export function servingBase({ serving }: InferenceRequest, hitRate: number): Partial<ServingConfiguration> {
  const {
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
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(given) as Partial<ServingConfiguration>),
    ...(network !== undefined && { networkBytesPerSecondPerDevice: network * GB }),
    ...(offload !== undefined && { offloadedBytes: offload * GIB }),
    prefixCacheHitRate: hitRate,
  };
}

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
