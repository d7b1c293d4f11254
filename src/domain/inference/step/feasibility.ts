/** Whether a configuration can run at all, and if not, why and by how much. */
import type { Device } from '../../devices/device.ts';
import { operatorSupport, whyNot } from '../../devices/operator-support.ts';
import { thousands } from '../../estimate/words.ts';
import { replicaDevices, type ServingConfiguration } from './configuration.ts';
import { groupLinkBytesPerSecond } from './efficiency.ts';
import { whyEngineNotOn } from './engine-support.ts';
import { computePeak, runnableWeightFormats } from './formats.ts';
import { lengthQuantile, type RequestLengths } from './lengths.ts';
import { servingMemory, smallestFittingDevices } from './memory.ts';
import type { Refusal, RefusalCode, ServingMemory } from './results.ts';
import { sharesHeads } from './tensor-ranks.ts';

const refusal = (
  code: RefusalCode,
  message: string,
  required: number | null = null,
  actual: number | null = null,
  unit: string | null = null,
  alternatives: readonly string[] = [],
): Refusal => ({
  code,
  message,
  required,
  actual,
  margin: required !== null && actual !== null ? actual - required : null,
  unit,
  alternatives,
});

/**
 * Every reason why this configuration cannot serve these lengths; empty where it can.
 * @param known its memory, where it has been worked out
 */
export function checkConfiguration(
  configuration: ServingConfiguration,
  lengths: RequestLengths,
  known?: ServingMemory,
): Refusal[] {
  const unsupported = whyNot(configuration.device, 'language');
  if (unsupported !== null) return [refusal('operators_unsupported', unsupported)];
  const missing = missingFigures(configuration.device);
  const refusals = [
    ...engineRefusals(configuration),
    ...missing,
    ...formatRefusals(configuration),
    ...parallelismRefusals(configuration),
    ...offloadRefusals(configuration),
    ...poolRefusals(configuration),
  ];
  const context = lengths.promptTokens.mean + lengths.outputTokens.mean;
  const maximum = configuration.model.maxContextTokens;
  const typical = Math.max(
    context,
    lengthQuantile(lengths.promptTokens, 0.5) + lengthQuantile(lengths.outputTokens, 0.5),
  );
  if (typical > maximum) {
    refusals.push(
      refusal(
        'context_exceeds_model',
        `Prompt and output need ${thousands(Math.ceil(typical))} tokens; the model's context ends at ${thousands(maximum)}.`,
        Math.ceil(typical),
        maximum,
        'tokens',
      ),
    );
  }
  if (refusals.length > 0) return refusals;

  const memory = known ?? servingMemory(configuration, lengths);
  if (!memory.fits) {
    const required = memory.weightsBytes + memory.activationBytes + memory.overheadBytes;
    const group = smallestFittingDevices(configuration, lengths);
    refusals.push(
      refusal(
        'memory',
        memory.kvCacheBytes < 0
          ? `The weights and buffers do not fit in the memory of ${replicaDevices(configuration)} device(s).`
          : 'The weights fit, but a long request does not: its KV cache is larger than what is left.',
        Math.ceil(memory.usableBytes - memory.headroomBytes),
        Math.floor(memory.usableBytes),
        'bytes per device',
        group === null ? [] : [`${group} devices at this weight format`],
      ),
    );
    if (required > memory.capacityBytes && group === null) return refusals;
  }
  return refusals;
}

/** The public figures without which nothing can be computed, by the claim that would supply them. */
export function missingFigures(device: Device): Refusal[] {
  const refusals: Refusal[] = [];
  const missing = (claim: string, what: string) =>
    refusals.push(
      refusal(
        'figure_missing',
        `${device.name} has no published ${what}; a "${claim}" claim would supply it.`,
        null,
        null,
        null,
        [claim],
      ),
    );
  if (!device.memoryBytes) missing('memory', 'memory size');
  if (!device.memoryBandwidthBytesPerSecond) missing('memory_bandwidth', 'memory bandwidth');
  if (computePeak(device, 'bf16') === null) missing('peak_flops', 'dense peak rate');
  return refusals;
}

function engineRefusals({ device, engine }: ServingConfiguration): Refusal[] {
  const unsupported = whyEngineNotOn(device, engine);
  return unsupported === null ? [] : [refusal('engine_device', unsupported)];
}

function formatRefusals(configuration: ServingConfiguration): Refusal[] {
  const { device, engine, weightFormat, kvCacheFormat } = configuration;
  const refusals: Refusal[] = [];
  const runnable = runnableWeightFormats(device, engine);
  if (!runnable.includes(weightFormat)) {
    refusals.push(
      refusal(
        'format_not_runnable',
        `${device.name} does not run ${weightFormat} weights ${operatorSupport(device) === null ? `on ${engine}` : 'in the runtime of its maker'}; it runs ${runnable.join(', ') || 'none of the known formats'}.`,
        null,
        null,
        null,
        runnable,
      ),
    );
  }
  if (
    kvCacheFormat === 'fp8' &&
    engine !== 'llama_cpp' &&
    !device.densePeakFlops.fp8 &&
    device.vendor.toLowerCase() !== 'nvidia'
  ) {
    refusals.push(
      refusal('format_not_runnable', `${device.name} has no fp8 units for an fp8 KV cache.`, null, null, null, [
        'bf16',
      ]),
    );
  }
  return refusals;
}

function poolRefusals({ disaggregated, engine }: ServingConfiguration): Refusal[] {
  if (!disaggregated || engine !== 'llama_cpp') return [];
  return [refusal('engine_device', 'llama.cpp reads prompts and writes tokens in one process: it has no pools.')];
}

function offloadRefusals({ device, offloadedBytes }: ServingConfiguration): Refusal[] {
  if (offloadedBytes === 0 || (device.class !== 'edge' && device.class !== 'cpu')) return [];
  const message = `${device.name} shares its memory with its host, so weights cannot be kept elsewhere.`;
  return [refusal('engine_device', message)];
}

function parallelismRefusals(configuration: ServingConfiguration): Refusal[] {
  const { model, device, tensorParallel, pipelineParallel, expertParallel, attentionDataParallel } = configuration;
  const refusals: Refusal[] = [];
  const { attention } = model;
  if (!sharesHeads(model, tensorParallel)) {
    const whole = attention.heads % tensorParallel === 0 && attention.type === 'gqa';
    const heads = whole ? attention.kvHeads : attention.heads;
    refusals.push(
      refusal(
        'tensor_parallel_divides',
        whole
          ? `${tensorParallel} tensor-parallel ranks can neither share ${heads} key-value heads evenly nor hold a copy of one each.`
          : `${tensorParallel} tensor-parallel ranks do not divide ${heads} attention heads.`,
        tensorParallel,
        heads,
        'heads',
      ),
    );
  }
  if (pipelineParallel > model.layers) {
    refusals.push(
      refusal(
        'parallelism_exceeds_layers',
        `${pipelineParallel} stages are more than the ${model.layers} layers.`,
        pipelineParallel,
        model.layers,
        'layers',
      ),
    );
  }
  const mixture = model.mixtureOfExperts;
  const group = tensorParallel * attentionDataParallel;
  if (!mixture && (expertParallel > 1 || attentionDataParallel > 1)) {
    refusals.push(
      refusal(
        'expert_parallel_without_experts',
        'Expert and attention data parallelism need a mixture-of-experts model; use replicas instead.',
      ),
    );
  } else if (mixture && (group % expertParallel !== 0 || mixture.experts % expertParallel !== 0)) {
    refusals.push(
      refusal(
        'expert_parallel_divides',
        `${expertParallel} expert-parallel ranks divide neither ${group} devices nor ${mixture.experts} experts evenly.`,
        expertParallel,
        group,
        'ranks',
      ),
    );
  }
  if (groupLinkBytesPerSecond(device, group, configuration.networkBytesPerSecondPerDevice) === null) {
    const inside = group <= Math.max(device.linkDomainDevices, device.devicesPerNode);
    refusals.push(
      refusal(
        'parallelism_exceeds_link_domain',
        inside
          ? `${device.name} has no published link speed, so a group of ${group} cannot be timed; a "link_bandwidth" claim would supply it.`
          : `${group} devices of one group reach beyond the link domain of ${device.linkDomainDevices} and the node of ${device.devicesPerNode}, and no network is given.`,
        group,
        Math.max(device.linkDomainDevices, device.devicesPerNode),
        'devices',
        ['pipeline parallelism', 'more replicas', 'a network figure'],
      ),
    );
  }
  return refusals;
}
