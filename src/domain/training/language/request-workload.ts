/** The workload that a request asks for, every default noted. */
import type { Device } from '../../devices/device.ts';
import type { AssumptionLog } from '../../economics/assumption.ts';
import { significant, thousands } from '../../estimate/words.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { CURRENT_SOFTWARE, defaultGlobalBatchTokens, defaultPrecision, defaultSequenceLength } from '../defaults.ts';
import { fewestCopies, nearestSharedBatch } from '../layout/shared-batch.ts';
import type { TrainingRequest } from '../request.ts';
import type { ChosenDefault } from '../results.ts';
import { GROUP_SIZE, ROLLOUT_SEQUENCES, rolloutWork } from '../rollout/rollout-request.ts';
import { wholeSequences } from '../run/whole-sequences.ts';
import { isAdapterMethod, isPreferenceMethod, isReinforcementMethod } from '../step/flops.ts';
import type { SoftwareStack, TrainingMethod, TrainingWorkload } from '../workload.ts';

const DEFAULT_LORA_RANK = 64;
const ANSWERS_OF_A_PAIR = 2;

export function workloadOf(
  request: TrainingRequest,
  model: LanguageArchitecture,
  tokens: number,
  device: Device,
  log: AssumptionLog,
): TrainingWorkload {
  const method = request.method ?? 'pretraining';
  note(log, request.method, 'run.method', '/method', method, null, 'the costliest of them', 'No method was named.');
  const rollout = rolloutWork(request, model, log);
  const sequenceLength =
    rollout === null ? sequenceTokens(request, model, log) : rollout.promptTokens + rollout.responseTokens;
  const usualBatch = rollout === null ? learnedBatchTokens(model, method, tokens) : sampledBatchTokens(sequenceLength);
  const globalBatchSequences = batchSequences(
    request,
    usualBatch,
    Math.max(tokens, sequenceLength),
    sequenceLength,
    log,
  );
  const chosen = defaultPrecision(device, method === 'pretraining' ? model : null);
  const precision = request.precision ?? chosen.value;
  note(log, request.precision, 'run.precision', '/precision', precision, null, chosen.source, chosen.rule);
  const adapters = isAdapterMethod(method);
  if (adapters) {
    note(
      log,
      request.loraRank,
      'run.lora_rank',
      '/loraRank',
      DEFAULT_LORA_RANK,
      'rank',
      'common recipes use 8 to 256',
      'No rank of the adapters was given.',
    );
    note(
      log,
      request.loraTargets,
      'run.lora_targets',
      '/loraTargets',
      'all_linear',
      null,
      'QLoRA (arXiv 2305.14314, section 4): adapters on every linear layer are needed to match full fine-tuning',
      'The matrices that get adapters were not named.',
    );
  }
  return {
    model,
    method,
    loraRank: adapters ? (request.loraRank ?? DEFAULT_LORA_RANK) : 0,
    ...(adapters && request.loraTargets !== undefined ? { loraTargets: request.loraTargets } : {}),
    sequenceLength,
    globalBatchSequences,
    precision,
    optimizer: request.optimizer ?? 'adamw',
    software: softwareOf(request, log),
    ...(rollout === null ? {} : { rollout }),
  };
}

function sequenceTokens(request: TrainingRequest, model: LanguageArchitecture, log: AssumptionLog): number {
  const { value, source, rule } = defaultSequenceLength(model, request.method ?? 'pretraining');
  const sequenceLength = request.sequenceLength ?? value;
  note(log, request.sequenceLength, 'run.sequence_length', '/sequenceLength', sequenceLength, 'tokens', source, rule);
  return sequenceLength;
}

function learnedBatchTokens(
  model: LanguageArchitecture,
  method: TrainingMethod,
  tokens: number,
): ChosenDefault<number> {
  const batch = defaultGlobalBatchTokens(model, method, tokens);
  return { ...batch, rule: `${batch.rule}; one that the devices share out where their number is given` };
}

/** Prompts and answers of one step. */
const sampledBatchTokens = (sequenceLength: number): ChosenDefault<number> => ({
  value: ROLLOUT_SEQUENCES * sequenceLength,
  source: 'DeepSeekMath (arXiv 2402.03300) §4.2: a batch of 1,024 answers',
  rule: `${ROLLOUT_SEQUENCES} answers with their prompts`,
});

function softwareOf({ stack }: TrainingRequest, log: AssumptionLog): SoftwareStack {
  const software = { ...CURRENT_SOFTWARE, ...stack };
  const source =
    'the stack of most measured steps; releases of one stack differ 1.0 to 2.9 fold within a year on mixtures of experts';
  note(
    log,
    stack?.framework,
    'run.framework',
    '/stack/framework',
    software.framework,
    null,
    source,
    'No stack was named.',
  );
  note(
    log,
    stack?.year,
    'run.stack_year',
    '/stack/year',
    software.year,
    null,
    source,
    'The latest release is assumed.',
  );
  return software;
}

/** Lists what the request leaves open. */
export function note(
  log: AssumptionLog,
  given: unknown,
  id: string,
  field: string,
  value: number | string,
  unit: string | null,
  source: string,
  reason: string,
): void {
  if (given === undefined) log.add({ id, field, value, unit, range: null, source, reason });
}

/**
 * A batch that we chose is one that the cluster shares out; the caller's own stays as it is, unless it was a round number.
 * @param most tokens that there are to learn from
 */
function batchSequences(
  request: TrainingRequest,
  usual: ChosenDefault<number>,
  most: number,
  sequenceLength: number,
  log: AssumptionLog,
): number {
  const given = request.globalBatchTokens;
  if (given === undefined) {
    const sequences = chosenSequences(request, Math.min(usual.value, most) / sequenceLength, most / sequenceLength);
    note(
      log,
      given,
      'run.global_batch_tokens',
      '/globalBatchTokens',
      sequences * sequenceLength,
      'tokens',
      usual.source,
      usual.rule,
    );
    return sequences;
  }
  const sequences = Math.min(given, most) / sequenceLength;
  const nearest = Math.max(1, Math.round(sequences));
  if (isReinforcementMethod(request.method ?? 'pretraining') || given > most) return nearest;
  const shared = wholeSequences(sequences, request.cluster?.devices);
  if (shared !== nearest) {
    log.add({
      id: 'run.global_batch_tokens.rounded',
      field: '/globalBatchTokens',
      value: shared * sequenceLength,
      unit: 'tokens',
      range: null,
      source: `computed: ${thousands(given)} tokens are ${significant(sequences)} sequences`,
      reason:
        'The nearest batch, within 5 %, that as many devices as possible share out; a whole number of sequences stays.',
    });
  }
  return shared;
}

function chosenSequences(
  { method = 'pretraining', cluster, rollout }: TrainingRequest,
  sequences: number,
  most: number,
): number {
  const nearest = Math.max(1, Math.round(sequences));
  const devices = cluster?.devices;
  if (devices === undefined) return nearest;
  if (sequences >= devices) return Math.round(sequences / devices) * devices;
  if (nearest < fewestCopies(devices)) return nearest;
  const together = isPreferenceMethod(method)
    ? ANSWERS_OF_A_PAIR
    : isReinforcementMethod(method)
      ? (rollout?.groupSize ?? GROUP_SIZE.value)
      : 1;
  const shared = nearestSharedBatch(nearest, devices, together);
  return shared <= most ? shared : nearest;
}
