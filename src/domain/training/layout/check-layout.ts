/** Why a layout cannot run, in sentences, with the nearest value that could. Memory is checked apart. */
import { checkWorkload } from '../check-workload.ts';
import { refusal } from '../refusal.ts';
import type { TrainingRefusal } from '../results.ts';
import { isPreferenceMethod } from '../step/flops.ts';
import { type Cluster, layoutDevices, type TrainingLayout, type TrainingWorkload } from '../workload.ts';

/** Every reason why the workload cannot run in this layout on this cluster; none means stepTime may be asked. */
export function checkLayout(workload: TrainingWorkload, cluster: Cluster, layout: TrainingLayout): TrainingRefusal[] {
  const numbers = checkNumbers(workload, cluster, layout);
  if (numbers.length > 0) return numbers;
  return [
    ...checkWorkload(workload, cluster),
    ...checkPairs(workload, layout),
    ...checkModelCuts(workload, cluster, layout),
    ...checkClusterSize(workload, cluster, layout),
  ];
}

function checkNumbers(workload: TrainingWorkload, cluster: Cluster, layout: TrainingLayout): TrainingRefusal[] {
  const counts: [string, number][] = [
    ['cluster.devices', cluster.devices],
    ['workload.sequenceLength', workload.sequenceLength],
    ['workload.globalBatchSequences', workload.globalBatchSequences],
    ['layout.tensorParallel', layout.tensorParallel],
    ['layout.pipelineParallel', layout.pipelineParallel],
    ['layout.contextParallel', layout.contextParallel],
    ['layout.dataParallel', layout.dataParallel],
    ['layout.expertParallel', layout.expertParallel],
    ['layout.virtualStages', layout.virtualStages],
    ['layout.microBatchSequences', layout.microBatchSequences],
  ];
  return counts
    .filter(([, value]) => !Number.isInteger(value) || value < 1)
    .map(([field, value]) =>
      refusal('invalid_number', field, `${field} must be a whole number of at least 1, not ${value}.`, {
        required: 1,
        actual: value,
        nearestFeasible: Number.isFinite(value) ? Math.max(1, Math.round(value)) : 1,
      }),
    );
}

/** The chosen and the rejected answer of a pair pass together. */
function checkPairs(workload: TrainingWorkload, layout: TrainingLayout): TrainingRefusal[] {
  if (!isPreferenceMethod(workload.method) || layout.microBatchSequences % 2 === 0) return [];
  return [
    refusal(
      'pairs_divide',
      'layout.microBatchSequences',
      `A micro-batch of ${layout.microBatchSequences} sequences splits a pair of chosen and rejected answers; take an even number.`,
      {
        required: 2,
        actual: layout.microBatchSequences,
        unit: 'sequences',
        nearestFeasible: layout.microBatchSequences + 1,
      },
    ),
  ];
}

function checkModelCuts(workload: TrainingWorkload, cluster: Cluster, layout: TrainingLayout): TrainingRefusal[] {
  const { model } = workload;
  const tp = layout.tensorParallel;
  const reasons: TrainingRefusal[] = [];
  if (model.attention.heads % tp !== 0) {
    reasons.push(
      refusal(
        'tensor_parallel_divides',
        'layout.tensorParallel',
        `Tensor parallelism of ${tp} does not divide the ${model.attention.heads} attention heads.`,
        {
          required: model.attention.heads,
          actual: tp,
          unit: 'heads',
          nearestFeasible: nearestDivisor(model.attention.heads, Math.min(tp, cluster.linkDomainDevices)),
        },
      ),
    );
  }
  if (tp > cluster.linkDomainDevices) {
    reasons.push(
      refusal(
        'tensor_parallel_exceeds_link_domain',
        'layout.tensorParallel',
        `Tensor parallelism of ${tp} leaves the fast link, which spans ${cluster.linkDomainDevices} devices.`,
        {
          required: tp,
          actual: cluster.linkDomainDevices,
          unit: 'devices',
          nearestFeasible: nearestDivisor(model.attention.heads, cluster.linkDomainDevices),
        },
      ),
    );
  }
  const stages = layout.pipelineParallel * layout.virtualStages;
  const pipelineUnits = model.layers + model.mtpLayers + 2;
  if (layout.pipelineParallel > pipelineUnits) {
    reasons.push(
      refusal(
        'pipeline_exceeds_layers',
        'layout.pipelineParallel',
        `${layout.pipelineParallel} pipeline stages are more than the ${model.layers} layers.`,
        { required: layout.pipelineParallel, actual: model.layers, unit: 'layers', nearestFeasible: model.layers },
      ),
    );
  } else if (stages > pipelineUnits) {
    reasons.push(
      refusal(
        'virtual_stages_divide',
        'layout.virtualStages',
        `${layout.virtualStages} chunks on each of ${layout.pipelineParallel} stages are more than the ${model.layers} layers.`,
        {
          required: stages,
          actual: model.layers,
          unit: 'layers',
          nearestFeasible: Math.max(1, Math.floor(model.layers / layout.pipelineParallel)),
        },
      ),
    );
  }
  if (
    layout.pipelineParallel === 1 &&
    (layout.virtualStages > 1 || layout.schedule === 'dual_pipe' || layout.schedule === 'zero_bubble')
  ) {
    reasons.push(
      refusal(
        'schedule_needs_pipeline',
        'layout.schedule',
        'Virtual stages and zero-bubble schedules need pipeline parallelism of at least 2.',
        {
          required: 2,
          actual: 1,
          unit: 'stages',
          nearestFeasible: 2,
        },
      ),
    );
  }
  if (layout.expertParallel > 1) reasons.push(...checkExperts(workload, layout));
  if (layout.contextParallel > 1 && workload.sequenceLength % (2 * layout.contextParallel) !== 0) {
    reasons.push(
      refusal(
        'context_parallel_divides',
        'layout.contextParallel',
        `A sequence of ${workload.sequenceLength} tokens does not split into ${2 * layout.contextParallel} equal parts (two per rank balance causal attention).`,
        {
          required: 2 * layout.contextParallel,
          actual: workload.sequenceLength,
          unit: 'tokens',
          nearestFeasible: nearestDivisor(workload.sequenceLength / 2, layout.contextParallel),
        },
      ),
    );
  }
  return reasons;
}

function checkExperts(workload: TrainingWorkload, layout: TrainingLayout): TrainingRefusal[] {
  const moe = workload.model.mixtureOfExperts;
  const ep = layout.expertParallel;
  if (moe === null) {
    return [
      refusal('expert_parallel_without_experts', 'layout.expertParallel', 'The model has no experts to spread.', {
        required: 1,
        actual: ep,
        nearestFeasible: 1,
      }),
    ];
  }
  const ranks = layout.tensorParallel * layout.contextParallel * layout.dataParallel;
  const nearest = nearestDivisor(greatestCommonDivisor(ranks, moe.experts), ep);
  if (moe.experts % ep !== 0) {
    return [
      refusal(
        'expert_parallel_divides',
        'layout.expertParallel',
        `Expert parallelism of ${ep} does not divide the ${moe.experts} experts.`,
        {
          required: moe.experts,
          actual: ep,
          unit: 'experts',
          nearestFeasible: nearest,
        },
      ),
    ];
  }
  if (ranks % ep !== 0) {
    return [
      refusal(
        'expert_parallel_divides',
        'layout.expertParallel',
        `Expert parallelism of ${ep} does not divide the ${ranks} ranks of tensor, context and data parallelism.`,
        {
          required: ep,
          actual: ranks,
          unit: 'devices',
          nearestFeasible: nearest,
        },
      ),
    ];
  }
  return [];
}

function checkClusterSize(workload: TrainingWorkload, cluster: Cluster, layout: TrainingLayout): TrainingRefusal[] {
  const used = layoutDevices(layout);
  const reasons: TrainingRefusal[] = [];
  if (used !== cluster.devices) {
    const code = used > cluster.devices ? 'layout_exceeds_cluster' : 'layout_does_not_fill_cluster';
    const model = used / layout.dataParallel;
    reasons.push(
      refusal(
        code,
        'layout.dataParallel',
        `The layout uses ${used} devices (tensor ${layout.tensorParallel} x pipeline ${layout.pipelineParallel} x context ${layout.contextParallel} x data ${layout.dataParallel}); the cluster has ${cluster.devices}.`,
        {
          required: used,
          actual: cluster.devices,
          unit: 'devices',
          ...(cluster.devices >= model ? { nearestFeasible: Math.floor(cluster.devices / model) } : {}),
        },
      ),
    );
  }
  const batch = workload.globalBatchSequences;
  const together = layout.dataParallel * layout.microBatchSequences;
  if (layout.microBatchSequences > batch) {
    reasons.push(
      refusal(
        'batch_does_not_divide',
        'layout.microBatchSequences',
        `A micro-batch of ${layout.microBatchSequences} sequences is more than the global batch of ${batch}.`,
        {
          required: layout.microBatchSequences,
          actual: batch,
          unit: 'sequences',
          nearestFeasible: Math.max(1, Math.floor(batch / layout.dataParallel)),
        },
      ),
    );
  } else if (batch < layout.dataParallel) {
    reasons.push(
      refusal(
        'batch_below_data_parallel',
        'workload.globalBatchSequences',
        `A global batch of ${batch} sequences leaves some of the ${layout.dataParallel} data-parallel ranks without one.`,
        { required: layout.dataParallel, actual: batch, unit: 'sequences', nearestFeasible: layout.dataParallel },
      ),
    );
  } else if (batch % together !== 0) {
    reasons.push(
      refusal(
        'batch_does_not_divide',
        'workload.globalBatchSequences',
        `A global batch of ${batch} sequences is not a multiple of ${layout.dataParallel} data-parallel ranks x ${layout.microBatchSequences} sequences each.`,
        {
          required: together,
          actual: batch,
          unit: 'sequences',
          nearestFeasible: Math.max(1, Math.round(batch / together)) * together,
        },
      ),
    );
  }
  return reasons;
}

/** The divisor of n closest to the wish, the smaller one in a tie. */
export function nearestDivisor(n: number, wish: number): number {
  const whole = Math.floor(n);
  let best = 1;
  for (let candidate = 1; candidate * candidate <= whole; candidate++) {
    if (whole % candidate !== 0) continue;
    for (const divisor of [candidate, whole / candidate]) {
      const distance = Math.abs(divisor - wish) - Math.abs(best - wish);
      if (distance < 0 || (distance === 0 && divisor < best)) best = divisor;
    }
  }
  return best;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));
