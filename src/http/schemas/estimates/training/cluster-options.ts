/** What a training run stands on, and how the model is cut over it. */
import { Type } from '@sinclair/typebox';
import { choice, component } from '../../component.ts';
import { positiveInteger } from '../../quantity.ts';

export const ClusterOptionsSchema = component(
  'ClusterOptions',
  {
    devices: Type.Optional(positiveInteger('Devices in the cluster; chosen where absent.', 10_000_000, 1024)),
    fabric: Type.Optional(
      choice(
        [
          'infiniband_200g',
          'infiniband_400g',
          'infiniband_800g',
          'roce_400g',
          'ethernet_100g',
          'ethernet_400g',
          'ethernet_800g',
          'ethernet_1600g',
          'ici',
          'none',
        ],
        {
          description: 'Scale-out network per device; what the catalog knows of the server where absent.',
          examples: ['infiniband_400g'],
        },
      ),
    ),
    objective: Type.Optional(
      choice(['smallest', 'fastest'], {
        description:
          'Only where devices is left open: the smallest cluster that keeps the deadline (where absent), or the fastest that the budget pays for.',
        examples: ['smallest'],
      }),
    ),
  },
  { description: 'The cluster.', examples: [{ devices: 1024, fabric: 'infiniband_400g' }] },
);

export const LayoutOptionsSchema = component(
  'TrainingLayoutOptions',
  {
    tensorParallel: Type.Optional(positiveInteger('Devices that share each layer.', 1024, 8)),
    pipelineParallel: Type.Optional(positiveInteger('Pipeline stages.', 1024, 16)),
    contextParallel: Type.Optional(positiveInteger('Devices that share each sequence.', 1024, 1)),
    expertParallel: Type.Optional(positiveInteger('Devices the experts are spread over.', 4096, 64)),
    virtualStages: Type.Optional(positiveInteger('Interleaved stages per pipeline rank.', 128, 8)),
    microBatchSequences: Type.Optional(positiveInteger('Sequences per micro-batch.', 100_000, 1)),
    sharding: Type.Optional(
      choice(['none', 'zero1', 'zero2', 'zero3'], {
        description: 'What data-parallel ranks share: nothing, optimizer, gradients too, or all (FSDP).',
        examples: ['zero1'],
      }),
    ),
    recompute: Type.Optional(
      choice(['none', 'selective', 'full'], {
        description: 'Which activations are computed again in the backward pass to save memory.',
        examples: ['selective'],
      }),
    ),
    schedule: Type.Optional(
      choice(['1f1b', 'interleaved', 'zero_bubble', 'dual_pipe'], {
        description: 'Pipeline schedule; all but 1f1b need pipelineParallel of 2 or more.',
        examples: ['dual_pipe'],
      }),
    ),
    optimizerOffload: Type.Optional(
      Type.Boolean({
        description: 'Keep optimizer states in host memory and update them on the host CPU.',
        examples: [false],
      }),
    ),
  },
  {
    description: 'Parallelism, as far as you want to fix it; the rest is searched.',
    examples: [{ tensorParallel: 8, pipelineParallel: 16 }],
  },
);

export const StackOptionsSchema = component(
  'TrainingStackOptions',
  {
    framework: Type.Optional(
      choice(['megatron', 'fsdp', 'xla', 'other'], {
        description:
          'megatron: Megatron-LM, NeMo and their like, compiled and fused; fsdp: PyTorch FSDP stacks; xla: JAX; other: eager stacks for fine-tuning on few devices.',
        examples: ['megatron'],
      }),
    ),
    year: Type.Optional(
      Type.Integer({
        minimum: 2018,
        maximum: 2100,
        description:
          'Year of its release. Attention is fused from 2023 on; expert dispatch hides behind computation, and recomputation is fine-grained, from 2026 on.',
        examples: [2026],
      }),
    ),
  },
  { description: 'The software that runs the steps.', examples: [{ framework: 'megatron', year: 2026 }] },
);
