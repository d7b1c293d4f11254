/** How a model is served, and what happens when there is no traffic. */
import { Type } from '@sinclair/typebox';
import { choice, component, ref } from '../../component.ts';
import { positive, positiveInteger } from '../../quantity.ts';
import { SpeculativeDecodingSchema } from './optimization-request.ts';

const LoraAdaptersSchema = component(
  'LoraAdapters',
  {
    resident: positiveInteger(
      'Adapters kept in device memory at once, each asked for as often as any other.',
      100_000,
      16,
    ),
    rank: positiveInteger('Rank of each.', 1024, 16),
  },
  { description: 'Low-rank adapters served together with the model.', examples: [{ resident: 16, rank: 16 }] },
);

export const ServingSchema = component(
  'ServingOptions',
  {
    engine: Type.Optional(
      choice(['vllm', 'sglang', 'tensorrt_llm', 'llama_cpp'], {
        description:
          'Serving engine; where absent the usual one of the device: llama_cpp on boards, phones, laptops and processors without bf16, vllm on all others. A device that the engine does not run on is left out, with the reason: TensorRT-LLM needs an NVIDIA GPU.',
        examples: ['vllm'],
      }),
    ),
    engineVersion: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 40,
        description:
          'Version of the engine, which must be named beside it, as the engine prints it. Older ones cost more per step; the newest measured ones where absent.',
        examples: ['0.15.1'],
      }),
    ),
    weightFormat: Type.Optional(
      choice(['bf16', 'fp16', 'fp8', 'int8', 'int4', 'fp4', 'mxfp4', 'w8a16', 'fp32'], {
        description:
          'Number format of the weights; as published where absent. Quantizing may cost accuracy. w8a16 (8-bit weights beside 16-bit activations, on neural units) and fp32 are for models that are not language models.',
        examples: ['fp8'],
      }),
    ),
    kvCacheFormat: Type.Optional(
      choice(['bf16', 'fp16', 'fp8'], {
        description:
          'Number format of the KV cache; where absent fp8 beside narrow weights on devices with fp8 units, else 16 bits.',
        examples: ['bf16'],
      }),
    ),
    floatActivations: Type.Optional(
      Type.Boolean({
        description:
          'Activations stay in floating point beside 4-bit weights, as in exports for phones and boards named w4 in place of w4a16: slower on neural units, no difference elsewhere. false where absent.',
        examples: [false],
      }),
    ),
    tensorParallel: Type.Optional(positiveInteger('Devices that share each layer; chosen where absent.', 1024, 4)),
    pipelineParallel: Type.Optional(positiveInteger('Pipeline stages; chosen where absent.', 1024, 1)),
    expertParallel: Type.Optional(positiveInteger('Ranks the experts are spread over; chosen where absent.', 4096, 8)),
    attentionDataParallel: Type.Optional(
      positiveInteger(
        'Copies of the attention weights in one replica, each with its own sequences; only mixtures of experts. 1 where absent.',
        4096,
        8,
      ),
    ),
    networkGbPerSecondPerDevice: Type.Optional(
      positive(
        'Network between machines in GB/s per device, one direction; with it a replica may span machines.',
        1e5,
        50,
      ),
    ),
    disaggregated: Type.Optional(
      Type.Boolean({
        description:
          'Prefill and decode on replicas of their own, each pool with its own spares: the KV cache crosses networkGbPerSecondPerDevice, or the links of the devices where both replicas are in their domain. One pool where absent.',
        examples: [true],
      }),
    ),
    maxSequences: Type.Optional(positiveInteger('Sequences a replica runs at once at most.', 1_000_000, 1024)),
    maxBatchedTokens: Type.Optional(
      positiveInteger('Tokens of one engine step at most (chunked prefill).', 10_000_000, 8192),
    ),
    memoryUtilization: Type.Optional(
      Type.Number({
        minimum: 0.1,
        maximum: 1,
        description: 'Share of device memory the engine may use.',
        examples: [0.9],
      }),
    ),
    offloadGibPerDevice: Type.Optional(
      positive(
        'Weights of each device that stay in host memory and cross PCIe in every step, GiB; none where absent.',
        1e5,
        16,
      ),
    ),
    adapters: Type.Optional(
      ref(LoraAdaptersSchema, {
        description: 'Low-rank adapters (LoRA) of several tenants on one deployment; none where absent.',
      }),
    ),
    powerWatts: Type.Optional(
      positive(
        'Boards with power modes (Jetson Orin) only: the power budget of the mode; full clocks where absent.',
        1e5,
        30,
      ),
    ),
    hostMemoryGibPerSocket: Type.Optional(
      positive(
        'Processors only: memory of the host per socket, GiB; that of the offered machine where absent.',
        1e5,
        256,
      ),
    ),
    speculative: Type.Optional(
      ref(SpeculativeDecodingSchema, {
        description: 'Speculative decoding, only for language models; none where absent.',
      }),
    ),
  },
  {
    description: 'How the model is served. Everything is chosen where absent.',
    examples: [{ engine: 'vllm', weightFormat: 'fp8' }],
  },
);

export const ScalingSchema = component(
  'ScalingOptions',
  {
    mode: Type.Optional(
      choice(['fixed', 'scale_to_zero'], {
        description:
          'fixed: the replicas for the peak run all month. scale_to_zero: they run only in the active hours and start cold, which saves the other hours of what is rented by the hour; commitments, capacity blocks and hardware of your own cost the same whether they run or not.',
        examples: ['fixed'],
      }),
    ),
    weightLoadGbPerSecond: Type.Optional(positive('Speed of loading weights, GB/s per replica.', 1e4, 2)),
    engineStartSeconds: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 86_400,
        description: 'Start of the engine once weights are loaded, s.',
        examples: [45],
      }),
    ),
    coldStartsPerDay: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1440, description: 'Starts per replica and day.', examples: [1] }),
    ),
  },
  { description: 'What happens when there is no traffic.', examples: [{ mode: 'scale_to_zero' }] },
);
