import { Type } from '@sinclair/typebox';
import { choice, component, list, ref } from '../../component.ts';
import { deviceFields } from '../../device-selector.ts';
import { modelFields } from '../../model-selector.ts';
import { pinFields } from '../../pins.ts';
import { LocationSchema, PurchaseSchema, SiteFactsSchema, SurchargesSchema } from '../../purchase.ts';
import { positive, positiveInteger } from '../../quantity.ts';
import { CalibrationSchema } from './calibration.ts';
import { OptimizationWishesSchema, SpeculativeDecodingSchema } from './optimization-request.ts';

const INCLUDES = ['optimizations'] as const;

const LengthBucketSchema = component(
  'LengthBucket',
  {
    tokens: Type.Number({ minimum: 0, maximum: 1e8, description: 'Representative length in tokens.', examples: [512] }),
    share: Type.Number({
      minimum: 0,
      maximum: 1e12,
      description: 'Weight of the bucket: a share or a count.',
      examples: [0.4],
    }),
  },
  { description: 'One bucket of a length histogram.', examples: [{ tokens: 512, share: 0.4 }] },
);

const TokenLengthsSchema = component(
  'TokenLengths',
  {
    mean: Type.Optional(positive('Mean length in tokens.', 1e8, 1155)),
    coefficientOfVariation: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10,
        description: 'Standard deviation divided by the mean.',
        examples: [0.96],
      }),
    ),
    p50: Type.Optional(positive('Median length in tokens.', 1e8, 1020)),
    p95: Type.Optional(positive('95th percentile in tokens.', 1e8, 4083)),
    histogram: Type.Optional(
      list(ref(LengthBucketSchema), {
        description: 'The whole distribution, as buckets.',
        minItems: 1,
        maxItems: 1000,
      }),
    ),
  },
  {
    description: 'A distribution of lengths: a mean (with spread or p95), a median with p95, or a histogram.',
    examples: [{ mean: 1155, p95: 4083 }],
  },
);

const TrafficSchema = component(
  'Traffic',
  {
    peakToMeanRatio: Type.Optional(
      Type.Number({ minimum: 1, maximum: 1000, description: 'Peak hour over mean hour.', examples: [2] }),
    ),
    arrivalVariability: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1000,
        description:
          'Squared coefficient of variation of the time between arrivals in the peak hour: 0 clockwork, 1 Poisson, more is bursty.',
        examples: [1],
      }),
    ),
    prefixCacheHitRate: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 0.99,
        description: 'Share of prompt tokens found in the prefix cache.',
        examples: [0.3],
      }),
    ),
    activeHoursPerDay: Type.Optional(
      Type.Number({ minimum: 0.01, maximum: 24, description: 'Hours a day with traffic.', examples: [10] }),
    ),
  },
  { description: 'How requests arrive.', examples: [{ peakToMeanRatio: 2.5 }] },
);

const limit = (description: string, most: number, example: number) =>
  Type.Optional(positive(description, most, example));

const ObjectivesSchema = component(
  'ServiceObjectives',
  {
    ttftMsP50: limit('Time to first token in ms, median. Only for language models; others: endToEndMs.', 1e7, 200),
    ttftMsP90: limit('Time to first token in ms, 90th percentile.', 1e7, 260),
    ttftMsP95: limit('Time to first token in ms, 95th percentile.', 1e7, 300),
    ttftMsP99: limit('Time to first token in ms, 99th percentile.', 1e7, 500),
    timePerOutputTokenMsP50: limit('Time per output token in ms, median over requests.', 1e6, 30),
    timePerOutputTokenMsP90: limit('Time per output token in ms, 90th percentile of requests.', 1e6, 38),
    timePerOutputTokenMsP95: limit('Time per output token in ms, 95th percentile of requests.', 1e6, 40),
    timePerOutputTokenMsP99: limit('Time per output token in ms, 99th percentile of requests.', 1e6, 60),
    endToEndMsP50: limit('Whole request in ms, median.', 1e8, 5000),
    endToEndMsP90: limit('Whole request in ms, 90th percentile.', 1e8, 8000),
    endToEndMsP95: limit('Whole request in ms, 95th percentile.', 1e8, 10_000),
    endToEndMsP99: limit('Whole request in ms, 99th percentile.', 1e8, 15_000),
    maxUtilization: Type.Optional(
      Type.Number({
        minimum: 0.01,
        maximum: 0.95,
        description: 'Highest share of the saturation rate at peak.',
        examples: [0.7],
      }),
    ),
    spareReplicas: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1000,
        description: 'Replicas beyond those that carry the peak; 1 is N+1.',
        examples: [1],
      }),
    ),
  },
  {
    description:
      'What the service must hold at the peak hour. Each latency is held at the percentile of its name; several may be given.',
    examples: [{ ttftMsP95: 500, timePerOutputTokenMsP50: 40 }],
  },
);

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

const ServingSchema = component(
  'ServingOptions',
  {
    engine: Type.Optional(
      choice(['vllm', 'sglang', 'tensorrt_llm', 'llama_cpp'], {
        description: 'Serving engine; vllm where absent.',
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

const ScalingSchema = component(
  'ScalingOptions',
  {
    mode: Type.Optional(
      choice(['fixed', 'scale_to_zero'], {
        description:
          'fixed: the replicas for the peak run all month. scale_to_zero: they run only in the active hours and start cold.',
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

const ImageSizeSchema = component(
  'ImageSize',
  {
    width: Type.Integer({ minimum: 64, maximum: 8192, multipleOf: 8, description: 'Pixels.', examples: [1024] }),
    height: Type.Integer({ minimum: 64, maximum: 8192, multipleOf: 8, description: 'Pixels.', examples: [1024] }),
  },
  { description: 'The size of generated images.', examples: [{ width: 1024, height: 1024 }] },
);

const PromptImagesSchema = component(
  'PromptImages',
  {
    count: Type.Integer({ minimum: 1, maximum: 10_000, description: 'Images per request.', examples: [1] }),
    width: Type.Integer({ minimum: 1, maximum: 65_536, description: 'Pixels.', examples: [1024] }),
    height: Type.Integer({ minimum: 1, maximum: 65_536, description: 'Pixels.', examples: [768] }),
  },
  { description: 'Images that come with the text of a prompt.', examples: [{ count: 1, width: 1024, height: 768 }] },
);

/** What is known of one device of a user. */
export const userDeviceFields = {
  memoryGib: Type.Optional(
    positive('Memory of one device, GiB; that of the catalog, and 12 at most for phones, where absent.', 4096, 8),
  ),
  appMemoryPercent: Type.Optional(
    Type.Number({
      minimum: 1,
      maximum: 100,
      description:
        'Share of that memory that the operating system lets one app take, percent; where absent, 50 for phones, else 75.',
      examples: [50],
    }),
  ),
  wattsWhileAnswering: Type.Optional(
    positive(
      'Power of the whole device while it answers, W; that of a measured phone for phones where absent.',
      1e4,
      7,
    ),
  ),
  batteryWattHours: Type.Optional(
    positive('Battery of one device, Wh; that of a usual phone for phones where absent.', 1e5, 12.7),
  ),
};

const UserDevicesSchema = component(
  'UserDevices',
  {
    count: Type.Optional(
      positiveInteger(
        'Devices that the requests come from; one for every 10 requests a day where absent.',
        10_000_000_000,
        100_000,
      ),
    ),
    ...userDeviceFields,
  },
  {
    description:
      'Phones, tablets or computers that belong to the users: each answers its own user, and they cost the operator nothing.',
    examples: [{ count: 100_000, memoryGib: 8 }],
  },
);

export const InferenceEstimateRequestSchema = component(
  'InferenceEstimateRequest',
  {
    ...modelFields,
    requestsPerDay: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e13,
      description:
        'Requests a day: chat turns, completions, images, sequences to embed, audio clips or ranking queries.',
      examples: [10_000_000],
    }),
    promptTokens: Type.Optional(
      ref(TokenLengthsSchema, {
        description:
          'Prompt lengths; those of a public conversation trace where absent. For encoders: length of one sequence, 256 where absent.',
      }),
    ),
    outputTokens: Type.Optional(
      ref(TokenLengthsSchema, {
        description:
          'Output lengths; those of a public conversation trace where absent. For speech: length of the transcript.',
      }),
    ),
    promptImages: Type.Optional(
      ref(PromptImagesSchema, {
        description: 'Images in the prompt, only for models that read them; promptTokens then counts the text alone.',
      }),
    ),
    audioSecondsPerRequest: Type.Optional(
      positive('Seconds of audio per request, only for speech models; one window of 30 where absent.', 1e6, 30),
    ),
    imageSize: Type.Optional(
      ref(ImageSizeSchema, { description: 'Only for image generators; the size they were trained for where absent.' }),
    ),
    denoisingSteps: Type.Optional(
      positiveInteger('Denoising steps, only for image generators; those of the catalog where absent.', 10_000, 20),
    ),
    candidatesPerRequest: Type.Optional(
      positiveInteger('Items scored per request, only for ranking models; 270 where absent.', 1_000_000, 270),
    ),
    ...deviceFields,
    location: Type.Optional(ref(LocationSchema, { description: 'Where it must run; anywhere where absent.' })),
    purchase: Type.Optional(
      ref(PurchaseSchema, { description: 'How the hardware is paid for; on demand where absent.' }),
    ),
    traffic: Type.Optional(ref(TrafficSchema, { description: 'How requests arrive.' })),
    objectives: Type.Optional(ref(ObjectivesSchema, { description: 'What the service must hold.' })),
    serving: Type.Optional(ref(ServingSchema, { description: 'How the model is served.' })),
    scaling: Type.Optional(ref(ScalingSchema, { description: 'What happens when there is no traffic.' })),
    userDevices: Type.Optional(
      ref(UserDevicesSchema, {
        description:
          'Runs on the devices of its users, each with its share of the requests: named by device, at no cost to you, without purchase or location. Only for language models.',
      }),
    ),
    calibration: Type.Optional(
      ref(CalibrationSchema, { description: 'Measurements of your own deployment, which the estimate moves to.' }),
    ),
    responseKilobytes: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e9,
        description: 'Kilobytes sent out per request, for network egress; none where absent.',
        examples: [4],
      }),
    ),
    egressUsdPerGb: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1000,
        description: 'USD per GB of network egress; the price list of the provider where absent.',
        examples: [0.05],
      }),
    ),
    site: Type.Optional(ref(SiteFactsSchema, { description: 'What you know of the site.' })),
    surcharges: Type.Optional(ref(SurchargesSchema, { description: 'Support, licences, tax and duty.' })),
    include: Type.Optional(
      list(choice(INCLUDES, { description: 'A part to add.', examples: ['optimizations'] }), {
        description:
          'Parts that take longer and are added on request. optimizations: what each optimization would save, alone and in the best order.',
        maxItems: INCLUDES.length,
        examples: [['optimizations']],
      }),
    ),
    optimization: Type.Optional(
      ref(OptimizationWishesSchema, { description: 'What you know and want, for include=optimizations.' }),
    ),
    ...pinFields,
  },
  {
    description:
      'An inference question. Only the model and requestsPerDay are needed; every default used is listed in the answer.',
    examples: [{ model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 }],
  },
);
