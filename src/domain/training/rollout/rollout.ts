/**
 * Rollouts of reinforcement learning from sampled answers (GRPO: DeepSeekMath, arXiv 2402.03300 §4.1): in every step the policy
 * answers each prompt several times on the devices that train it, with the serving model of ../inference; the step waits for
 * the longest answer of the batch, while fewer and fewer run. Answers are scored by rules or by a reward model.
 */
import { candidateConfigurations } from '../../inference/language/candidates.ts';
import type { WeightFormat } from '../../inference/request.ts';
import { replicaDevices, type ServingConfiguration } from '../../inference/step/configuration.ts';
import { checkConfiguration } from '../../inference/step/feasibility.ts';
import { runnableWeightFormats } from '../../inference/step/formats.ts';
import { type LengthDistribution, lengthQuantile } from '../../inference/step/lengths.ts';
import { servingMemory } from '../../inference/step/memory.ts';
import type { ServingMemory } from '../../inference/step/results.ts';
import { StepModel } from '../../inference/step/step.ts';
import type { Cluster, RolloutWork, TrainingWorkload } from '../workload.ts';

/** What the answers of one step take. */
export interface Rollout {
  readonly configuration: ServingConfiguration;
  readonly replicas: number;
  readonly sequencesPerReplica: number;
  /** Of those at once. */
  readonly concurrentSequences: number;
  readonly prefillSeconds: number;
  readonly decodeSeconds: number;
  /** Part of the decoding in which fewer than half of the sequences at once still run. */
  readonly tailSeconds: number;
  /** The trained weights go to the engines. */
  readonly synchronizationSeconds: number;
  readonly seconds: number;
  readonly outputTokensPerSecondPerDevice: number;
}

/**
 * Share of device memory the engine gets while the training states are moved aside or sharded beside it: "between 0.5 and
 * 0.7" (verl, performance tuning guide).
 */
export const ROLLOUT_MEMORY_SHARE = 0.6;
const WEIGHT_BYTES = 2;

const rollouts = new WeakMap<TrainingWorkload, Map<string, Rollout | null>>();

/** The fastest way to sample one step's answers on the cluster; null where the policy does not fit to be served there. */
export function rolloutOf(workload: TrainingWorkload, work: RolloutWork, cluster: Cluster): Rollout | null {
  const known = rollouts.get(workload) ?? new Map<string, Rollout | null>();
  rollouts.set(workload, known);
  const key = `${cluster.device.id} ${cluster.devices} ${cluster.networkBytesPerSecondPerDevice}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const fastest = fastestRollout(workload, work, cluster);
  known.set(key, fastest);
  return fastest;
}

function fastestRollout(workload: TrainingWorkload, work: RolloutWork, cluster: Cluster): Rollout | null {
  let best: Rollout | null = null;
  for (const { configuration, memory } of candidates(workload, work, cluster)) {
    const replicas = Math.floor(cluster.devices / replicaDevices(configuration));
    if (replicas < 1) continue;
    const one = timed(workload, work, cluster, configuration, replicas, memory.maxConcurrentSequences);
    if (best === null || one.seconds < best.seconds) best = one;
  }
  return best;
}

/** Answers come from the weights that are trained: in fp8 where the arithmetic or the published model is, else in half precision. */
function weightFormat({ model, precision }: TrainingWorkload, { device }: Cluster): WeightFormat {
  const published = model.nativeWeightFormat === 'fp8' && runnableWeightFormats(device, 'vllm').includes('fp8');
  if (published || (precision !== 'bf16' && precision !== 'fp16')) return 'fp8';
  return precision;
}

/** Devices over which experts are spread while attention is copied. */
const EXPERT_GROUPS = [8, 16, 32, 64] as const;

interface FittingConfiguration {
  readonly configuration: ServingConfiguration;
  readonly memory: ServingMemory;
}

/** The groups that fit with room for a batch, and for mixtures of experts those of attention data parallelism. */
function candidates(workload: TrainingWorkload, work: RolloutWork, cluster: Cluster): FittingConfiguration[] {
  const { model } = workload;
  const lengths = {
    promptTokens: { mean: work.promptTokens, coefficientOfVariation: 0 },
    outputTokens: { mean: work.responseTokens, coefficientOfVariation: work.responseVariation },
  };
  const network = cluster.networkBytesPerSecondPerDevice;
  const base = {
    memoryUtilization: ROLLOUT_MEMORY_SHARE,
    networkBytesPerSecondPerDevice: network > 0 && cluster.devices > cluster.linkDomainDevices ? network : null,
  };
  const options = { weightFormats: [weightFormat(workload, cluster)], maxDevices: cluster.devices };
  const usual = candidateConfigurations(model, cluster.device, lengths, base, options);
  const [first] = usual;
  if (model.mixtureOfExperts === null || first === undefined) return usual;
  const { experts } = model.mixtureOfExperts;
  const spread = EXPERT_GROUPS.filter((group) => group <= cluster.devices && experts % group === 0).map((group) => {
    const configuration: ServingConfiguration = {
      ...first.configuration,
      tensorParallel: 1,
      pipelineParallel: 1,
      attentionDataParallel: group,
      expertParallel: group,
    };
    return { configuration, memory: servingMemory(configuration, lengths) };
  });
  return [
    ...usual,
    ...spread.filter(
      ({ configuration, memory }) => memory.fits && checkConfiguration(configuration, lengths).length === 0,
    ),
  ];
}

function timed(
  workload: TrainingWorkload,
  work: RolloutWork,
  cluster: Cluster,
  configuration: ServingConfiguration,
  replicas: number,
  room: number,
): Rollout {
  const model = new StepModel(configuration);
  // where there are more replicas than answers, one each for as many, and the rest wait
  const sequences = Math.max(1, workload.globalBatchSequences / replicas);
  const concurrent = Math.max(1, Math.min(sequences, room));
  const answers: LengthDistribution = {
    mean: work.responseTokens,
    coefficientOfVariation: work.responseVariation,
  };
  // the answers to one prompt share its prefill
  const prefillSeconds = promptSeconds(configuration, model, work, sequences / work.groupSize);
  const stepSeconds = (running: number, produced: number) =>
    model.run(0, 0, running, work.promptTokens + produced, running * configuration.attentionDataParallel);
  const perRank = concurrent / configuration.attentionDataParallel;
  // while some still wait for a place, as many run as there is room for
  const waiting = (sequences - concurrent) / concurrent;
  const steady = waiting * answers.mean * stepSeconds(perRank, answers.mean / 2);
  const drain = drainSeconds(answers, concurrent, work.maxResponseTokens, (running, produced) =>
    stepSeconds(running / configuration.attentionDataParallel, produced),
  );
  const decodeSeconds = steady + drain.seconds;
  const bytes = (WEIGHT_BYTES * workload.model.parametersTotal) / replicaDevices(configuration);
  const bandwidth =
    cluster.networkBytesPerSecondPerDevice > 0 && cluster.devices > cluster.linkDomainDevices
      ? cluster.networkBytesPerSecondPerDevice
      : cluster.linkBytesPerSecond;
  const synchronizationSeconds = bytes / Math.max(bandwidth, 1);
  const seconds = prefillSeconds + decodeSeconds + synchronizationSeconds;
  return {
    configuration,
    replicas,
    sequencesPerReplica: sequences,
    concurrentSequences: concurrent,
    prefillSeconds,
    decodeSeconds,
    tailSeconds: drain.tailSeconds,
    synchronizationSeconds,
    seconds,
    outputTokensPerSecondPerDevice:
      (workload.globalBatchSequences * answers.mean) / (prefillSeconds + decodeSeconds) / cluster.devices,
  };
}

function promptSeconds(
  configuration: ServingConfiguration,
  model: StepModel,
  work: RolloutWork,
  prompts: number,
): number {
  const tokens = Math.max(prompts, 1) * work.promptTokens;
  const chunk = Math.min(configuration.maxBatchedTokens, tokens);
  const attended = Math.min(chunk, work.promptTokens);
  // short prompts share a step: its matrices see the chunk, its attention one prompt
  const whole = model.run(chunk, 0, 0, 0, chunk * configuration.attentionDataParallel);
  const attention = model.attentionSeconds * (1 - attended / chunk);
  return (tokens / chunk / configuration.attentionDataParallel) * (whole - attention);
}

/** Subdivisions of the time in which the number of running sequences halves. */
const PARTS_PER_HALVING = 3;

/** From all at once until the longest has ended; no answer is longer than `most`. */
function drainSeconds(
  answers: LengthDistribution,
  concurrent: number,
  most: number,
  stepSeconds: (running: number, produced: number) => number,
): { seconds: number; tailSeconds: number } {
  const endOf = (running: number): number =>
    running >= concurrent ? 0 : Math.min(most, lengthQuantile(answers, 1 - running / concurrent));
  let seconds = 0;
  let tailSeconds = 0;
  let running = concurrent;
  let produced = 0;
  while (produced < most) {
    // the last one ends at the median of the longest of as many
    const next = running <= 1 ? 0.5 : Math.max(running / 2 ** (1 / PARTS_PER_HALVING), 1);
    const end = Math.max(produced, endOf(next));
    const part = (end - produced) * stepSeconds(Math.max((running + next) / 2, 1), (produced + end) / 2);
    seconds += part;
    if (running <= concurrent / 2) tailSeconds += part;
    produced = end;
    if (next < 1) break;
    running = next;
  }
  return { seconds, tailSeconds };
}
