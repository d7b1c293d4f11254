/** Where a training run would stand, how the model is cut over it, and why so. */
import { Type } from '@sinclair/typebox';
import { decimal, integer, nullableText, number, text } from '../../answer-fields.ts';
import { choice, component, list, ref } from '../../component.ts';
import { ExclusionSchema } from '../answer.ts';

export const ClusterSchema = component(
  'TrainingCluster',
  {
    deviceId: text('Catalog id of the device, or custom.', 'nvidia-h100-sxm5-80gb'),
    deviceName: text('Name of the device.', 'H100 SXM5 80GB'),
    devices: integer('Devices that work, spares apart.', 1024),
    nodes: integer('Servers.', 128),
    fabric: text('Scale-out network.', 'infiniband_400g'),
    networkGbPerSecondPerDevice: number('Its bandwidth per device, one direction, GB/s.', 50),
    ownership: text('rented or owned.', 'rented'),
    providerId: nullableText('Provider; null where you own it or gave your own price.', 'aws'),
    regionId: nullableText('Region.', 'aws/us-east-1'),
    country: nullableText('Country of the region.', 'US'),
    sku: nullableText('What the provider calls it.', 'p5.48xlarge'),
  },
  { description: 'Where it would run.' },
);

export const LayoutSchema = component(
  'TrainingLayout',
  {
    tensorParallel: integer('Devices that share each layer.', 2),
    pipelineParallel: integer('Pipeline stages.', 1),
    contextParallel: integer('Devices that share each sequence.', 1),
    dataParallel: integer('Copies of the model, each on its own data.', 512),
    expertParallel: integer('Devices the experts are spread over.', 1),
    virtualStages: integer('Interleaved stages per pipeline rank.', 1),
    microBatchSequences: integer('Sequences per micro-batch.', 1),
    sharding: choice(['none', 'zero1', 'zero2', 'zero3'], {
      description: 'What data-parallel ranks share.',
      examples: ['zero1'],
    }),
    shardingGroup: integer('Ranks that share one copy under zero3; 0 means all.', 0),
    recompute: choice(['none', 'selective', 'full'], {
      description: 'Which activations are computed again in the backward pass to save memory.',
      examples: ['selective'],
    }),
    schedule: text('Pipeline schedule.', '1f1b'),
    optimizerOffload: Type.Boolean({ description: 'Optimizer states in host memory.', examples: [false] }),
  },
  { description: 'How the model is cut.' },
);

export const LayoutAlternativeSchema = component(
  'LayoutAlternative',
  {
    layout: ref(LayoutSchema, { description: 'Another cut.' }),
    slowdown: number('Its step time over that of the best.', 1.04),
    whyNotBest: text(
      'Why the chosen layout is better.',
      'Tensor parallelism over 4 devices exposes more communication.',
    ),
  },
  { description: 'A layout that was considered.' },
);

const DeviceAlternativeSchema = component(
  'TrainingDeviceAlternative',
  {
    deviceId: text('Catalog id of the device.', 'nvidia-a100-sxm4-80gb'),
    deviceName: text('Name of the device.', 'A100 SXM4 80GB'),
    devices: integer('Devices it would take.', 2048),
    wallClockDays: number('Days that the run would take.', 41),
    computeUsd: decimal('Hardware cost of the run.', '4120000.0000'),
    regionId: nullableText('Where.', 'aws/us-east-1'),
    priceId: nullableText('Catalog price used.', 'aws/us-east-1/p4de.24xlarge/on_demand'),
  },
  { description: 'Another device that would do.' },
);

export const SelectionSchema = component(
  'TrainingSelection',
  {
    rule: text(
      'How device and cluster size were chosen.',
      'The device was named; the smallest cluster that finishes within 30 days was taken.',
    ),
    alternatives: list(ref(DeviceAlternativeSchema), {
      description: 'The next best, at most two; empty where the device was named.',
    }),
    excluded: Type.Optional(
      list(ref(ExclusionSchema), { description: 'What was left out, by reason; left out with view=summary.' }),
    ),
  },
  { description: 'Why this device and cluster.' },
);
