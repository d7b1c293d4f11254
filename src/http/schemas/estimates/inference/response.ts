import { Type } from '@sinclair/typebox';
import { decimal, figure, integer, nullableText, number, text } from '../../answer-fields.ts';
import { component, list, nullable, ref, unionComponent } from '../../component.ts';
import {
  assumptions,
  BindingConstraintSchema,
  bandBases,
  CostBreakdownSchema,
  EnergyReportSchema,
  ExclusionSchema,
  MoneyFigureSchema,
  PriceUseSchema,
  RackReportSchema,
  RelaxationSchema,
  repeatable,
  replay,
} from '../answer.ts';
import { CalibrationReportSchema } from './calibration.ts';
import { OptimizationReportSchema } from './optimization-response.ts';
import { InferenceEstimateRequestSchema } from './request.ts';

const LatencyPercentilesSchema = component(
  'LatencyPercentiles',
  {
    p50: figure('Median request.'),
    p90: figure('90th percentile of requests.'),
    p95: figure('95th percentile of requests.'),
    p99: figure('99th percentile of requests.'),
  },
  {
    description:
      'Percentiles over requests at the peak hour, each with its own uncertainty: p95.p90 is the pessimistic end of the 95th percentile.',
  },
);

const WorkloadSchema = component(
  'InferenceWorkload',
  {
    modelId: text('Catalog id, or custom.', 'meta-llama/Llama-3.1-70B'),
    modelName: text('Name for people.', 'Llama 3.1 70B'),
    requestsPerDay: number('Requests a day.', 1_000_000),
    peakRequestsPerSecond: number('Rate in the peak hour.', 23.1),
    promptTokensMean: nullable(
      Type.Number({ description: 'Mean prompt length; null where nothing is read in tokens.', examples: [1155] }),
    ),
    outputTokensMean: nullable(
      Type.Number({ description: 'Mean output length; null where nothing is written in tokens.', examples: [211] }),
    ),
  },
  { description: 'The load as it was understood.' },
);

const ServingPoolsSchema = component(
  'ServingPools',
  {
    prefillReplicas: integer('Replicas that read prompts in the peak hour.', 2),
    decodeReplicas: integer('Replicas that write tokens in the peak hour.', 4),
    kvMegabytesPerRequest: number('KV cache of a mean prompt, which crosses from one pool to the other, MB.', 164),
    kvTransferMs: number('Time to send the KV cache, ms; part of the time to first token.', 0.82),
    linkGbPerSecondPerDevice: number('What carries it, GB/s per device, one direction.', 50),
    linkBasis: text('network (as given), device_link (both replicas in its domain) or assumed_network.', 'network'),
  },
  { description: 'Prefill and decode on replicas of their own.' },
);

const DeploymentSchema = component(
  'InferenceDeployment',
  {
    deviceId: text('Catalog id of the device, or custom.', 'nvidia-h100-sxm5-80gb'),
    deviceName: text('Name of the device.', 'H100 SXM5 80GB'),
    engine: nullableText('Serving engine; null for models that work by the sample.', 'vllm'),
    softwareEra: nullableText(
      'Versions of the engine that the figures are of; null for models that work by the sample.',
      'vllm_2026',
    ),
    weightFormat: text('Number format of the weights.', 'bf16'),
    kvCacheFormat: nullableText('Number format of the KV cache; null for models that work by the sample.', 'bf16'),
    tensorParallel: integer('Devices that share each layer.', 4),
    pipelineParallel: integer('Pipeline stages.', 1),
    expertParallel: integer('Ranks the experts are spread over.', 1),
    attentionDataParallel: integer('Copies of the attention weights in one replica.', 1),
    devicesPerReplica: integer('Devices of one copy of the service.', 4),
    servingReplicas: integer('Replicas that carry the peak.', 6),
    spareReplicas: integer('Replicas kept in reserve beyond those that carry the peak.', 1),
    pools: Type.Optional(
      ref(ServingPoolsSchema, {
        description: 'Where prefill and decode have replicas of their own; absent where not.',
      }),
    ),
    devices: integer('Devices in all.', 28),
    devicesPaid: integer('Devices paid for; more than are used where instances hold more.', 32),
    ownership: text(
      'rented, owned, or users: the devices of those who ask, which cost the operator nothing.',
      'rented',
    ),
    providerId: nullableText('Provider; null where you own it or gave your own price.', 'azure'),
    regionId: nullableText('Region.', 'azure/uaenorth'),
    country: nullableText('Country of the region.', 'AE'),
    sku: nullableText('What the provider calls it.', 'Standard_ND96isr_H100_v5'),
  },
  { description: 'What would run.' },
);

const AlternativeSchema = component(
  'DeviceAlternative',
  {
    deviceId: text('Catalog id of the device.', 'nvidia-h200-sxm5-141gb'),
    deviceName: text('Name of the device.', 'H200 SXM5 141GB'),
    devices: integer('Devices it would take.', 16),
    weightFormat: text('Number format of the weights.', 'bf16'),
    usdPerMonth: decimal('Hardware cost a month.', '152000.0000'),
    regionId: nullableText('Where; null without a place.', 'aws/us-east-1'),
    priceId: nullableText('Catalog price used.', 'aws/us-east-1/p5en.48xlarge/on_demand'),
  },
  { description: 'Another device that would do.' },
);

const SelectionSchema = component(
  'DeviceSelection',
  {
    rule: text(
      'How the device was chosen.',
      'The cheapest device that fits with headroom, of all that are offered anywhere.',
    ),
    alternatives: list(ref(AlternativeSchema), {
      description: 'The next best, at most two; empty where the device was named.',
    }),
    excluded: Type.Optional(
      list(ref(ExclusionSchema), { description: 'What was left out, by reason; left out with view=summary.' }),
    ),
  },
  { description: 'Why this device.' },
);

const MemorySchema = component(
  'ServingMemory',
  {
    capacityBytes: number('Memory of one device.', 85_899_345_920),
    usableBytes: number('What the engine may use.', 77_309_411_328),
    weightsBytes: number('Weights on one device.', 35_276_853_248),
    offloadedBytes: number('Weights of one device that stay in the memory of its host.', 0),
    kvCacheBytes: number('Memory left for the KV cache, bytes.', 36_000_000_000),
    activationBytes: number('Peak of activations.', 5_100_000_000),
    overheadBytes: number('Memory of the runtime outside of the model, bytes.', 600_000_000),
    headroomBytes: number('Free once one sequence is held; negative where it does not fit.', 35_000_000_000),
    kvBytesPerToken: number('KV cache of one token on one device.', 81_920),
    maxConcurrentSequences: number('Sequences of the given lengths at once, per replica.', 300),
    largestContextTokens: number('Longest context that fits.', 131_072),
  },
  { description: 'Memory of one device in a replica, in bytes.' },
);

const PromiseSchema = component(
  'LatencyPromise',
  {
    ok: Type.Boolean({ description: 'Whether latency at this load may be promised.', examples: [true] }),
    reason: nullableText(
      'Why latency cannot be promised; null where it can.',
      'At 85 % of saturation a 15 % error of capacity turns milliseconds into minutes.',
    ),
  },
  { description: 'Near saturation a small error of capacity flips the queue; then no objective is promised.' },
);

const TimeSharesSchema = component(
  'TimeShares',
  {
    compute: number('Matrix arithmetic.', 0.2),
    memory: number('Streaming weights and activations.', 0.5),
    attention: number('Attention over the context.', 0.1),
    communication: number('Links between devices.', 0.1),
    launch: number('Kernel launches and element-wise work.', 0.05),
    head: number('Output head.', 0.02),
    engine: number('Scheduling, sampling, detokenising.', 0.03),
  },
  { description: 'What busy time is made of; the shares sum to 1.' },
);

const LanguagePerformanceSchema = component(
  'LanguagePerformance',
  {
    kind: Type.Literal('language', { description: 'A language model.' }),
    ttftMs: ref(LatencyPercentilesSchema, { description: 'Time to first token, ms, queue included.' }),
    timePerOutputTokenMs: ref(LatencyPercentilesSchema, { description: 'Time per output token after the first, ms.' }),
    endToEndMs: ref(LatencyPercentilesSchema, { description: 'Whole request, ms.' }),
    queueMs: ref(LatencyPercentilesSchema, {
      description: 'Part of the time to first token that is spent waiting for a slot and for earlier prompts, ms.',
    }),
    saturationRequestsPerSecondPerReplica: figure('Highest rate one replica sustains, requests/s.'),
    saturationOutputTokensPerSecondPerReplica: figure('The same in output tokens/s.'),
    utilizationAtPeak: figure('Peak rate over saturation rate.'),
    meanConcurrencyPerReplica: number('Requests in flight on one replica at peak.', 41.5),
    promise: ref(PromiseSchema, { description: 'Whether latency may be promised.' }),
    timeShares: ref(TimeSharesSchema, { description: 'What busy time is made of at peak.' }),
  },
  { description: 'Latency and throughput of a language model at the peak hour.' },
);

const VisionPerformanceSchema = component(
  'VisionPerformance',
  {
    kind: Type.Literal('vision', { description: 'A vision model.' }),
    imagesPerSecondPerDevice: figure('Highest rate of one device, images/s.'),
    singleStreamMs: figure('One image alone, ms.'),
    eightImagesMs: figure(
      'Eight images that arrive together on an idle device, as of eight cameras, until the last is done: 99th percentile of many times, ms.',
    ),
    latencyMs: ref(LatencyPercentilesSchema, { description: 'Per image at peak, ms, queue included.' }),
    utilizationAtPeak: figure('Peak rate over highest rate.'),
    promise: ref(PromiseSchema, { description: 'Whether latency may be promised.' }),
    evidence: text(
      'What the rate rests on. measured: this model family on this device; reported: the same, from a summary of results; scaled: another model on this device, by FLOPs; class: other devices of its class.',
      'measured',
    ),
    anchorIds: Type.Optional(
      list(Type.String(), { description: 'Measured cases the figures rest on; left out with view=summary.' }),
    ),
  },
  { description: 'Latency and throughput of a vision model at the peak hour.' },
);

const SamplePerformanceSchema = component(
  'SamplePerformance',
  {
    kind: Type.Literal('sample', { description: 'An encoder, speech, image generation or ranking model.' }),
    unit: text('What one sample is: sequence, clip, image or query.', 'sequence'),
    samplesPerSecondPerDevice: figure('Highest rate of one device, samples/s.'),
    singleStreamMs: figure('One sample alone, ms.'),
    latencyMs: ref(LatencyPercentilesSchema, { description: 'Per sample at peak, ms, queue included.' }),
    utilizationAtPeak: figure('Peak rate over highest rate.'),
    promise: ref(PromiseSchema, { description: 'Whether latency may be promised.' }),
    evidence: text(
      'What the rate rests on. measured: this work on this device; reported: the same, from a summary of results; scaled: other work on this device, by FLOPs; class: other devices of its class.',
      'measured',
    ),
    latencyEvidence: text(
      'Behind the latency; formula: from launches, bandwidth and arithmetic, where nothing like it was measured.',
      'formula',
    ),
    flopsPerSample: number('Arithmetic of one sample, FLOP; multiply and add counted apart.', 1.1e11),
    anchorIds: Type.Optional(
      list(Type.String(), { description: 'Measured cases the figures rest on; left out with view=summary.' }),
    ),
  },
  { description: 'Latency and throughput of a model that works by the sample, at the peak hour.' },
);

const PerformanceSchema = unionComponent(
  'InferencePerformance',
  'kind',
  [LanguagePerformanceSchema, VisionPerformanceSchema, SamplePerformanceSchema],
  {
    description: 'Latency and throughput, by kind of model.',
  },
);

const ColdStartSchema = component(
  'ColdStart',
  {
    seconds: figure('From nothing to serving, s.'),
    weightsGigabytes: number('What has to be loaded, GB per replica.', 141),
  },
  { description: 'Starting a replica.' },
);

const OnDeviceSchema = component(
  'OnDeviceReport',
  {
    devices: integer('Devices of users that the requests come from.', 100_000),
    requestsPerDevicePerDay: number('Requests that each answers in a day.', 10),
    memoryOfDeviceBytes: number('Memory of the device, bytes.', 12_884_901_888),
    memoryForAppBytes: number('Memory that the operating system lets one app take, bytes.', 6_442_450_944),
    memoryNeededBytes: number('Weights, buffers and the KV cache of a long request, bytes.', 2_700_000_000),
    outputTokensPerSecond: figure('Rate of one answer at a time on a cool device, tokens/s.'),
    answerSeconds: figure('A whole answer, median request, s.'),
    energyPerAnswerJoules: Type.Optional(
      figure('Energy of the whole device over an answer, J; absent where its power is not known.'),
    ),
    batteryPercentPerAnswer: Type.Optional(
      figure('Share of a full battery that an answer takes, percent; absent where power or battery is not known.'),
    ),
    batteryPercentPerDay: Type.Optional(figure('The same over the requests of a day, percent.')),
    downloadGigabytes: number('Weights that each device downloads once, GB.', 1.85),
    heat: Type.Optional(
      text('What a warm device does to the figures; absent where they hold.', 'Figures are of a cool phone.'),
    ),
  },
  { description: 'The model on the devices of its users: memory of the app, speed, battery.' },
);

export const PlaceElsewhereSchema = component(
  'PlaceElsewhere',
  {
    regionId: text('Region that offers the device.', 'azure/swedencentral'),
    country: text('Its country.', 'SE'),
    deviceId: text('Device offered there that does what was asked.', 'nvidia-h100-sxm5-80gb'),
    distanceKm: nullable(Type.Number({ description: 'Distance from the place asked for.', examples: [4800] })),
    usdPerDeviceHour: decimal('Price in that place, USD per device-hour.', '12.29'),
    priceId: text('Catalog price.', 'azure/swedencentral/Standard_ND96isr_H100_v5/on_demand'),
  },
  { description: 'A near place that offers what this one does not.' },
);

const FeasibleInferenceSchema = component(
  'FeasibleInferenceEstimate',
  {
    status: Type.Literal('feasible', { description: 'The workload can be done as asked.' }),
    summary: text('The answer in a sentence or two.', 'Llama 3.1 70B for 1,000,000 requests a day: 8 x H100 …'),
    workload: ref(WorkloadSchema, { description: 'The load as it was understood.' }),
    deployment: ref(DeploymentSchema, { description: 'What would run.' }),
    selection: ref(SelectionSchema, { description: 'Why this device.' }),
    costPerMonth: ref(CostBreakdownSchema, { description: 'The bill of a month of 730 hours.' }),
    costPerRequest: ref(MoneyFigureSchema, { description: 'The bill over the requests of the month.' }),
    costPerThousandSamples: Type.Optional(
      ref(MoneyFigureSchema, {
        description: 'The bill over a thousand images, sequences, clips or queries; absent for language models.',
      }),
    ),
    costPerMillionTokens: Type.Optional(
      ref(MoneyFigureSchema, {
        description: 'The bill over a million prompt and output tokens together; absent for models without tokens.',
      }),
    ),
    costPerMillionOutputTokens: Type.Optional(
      ref(MoneyFigureSchema, {
        description: 'The bill over a million output tokens; absent for models that write none.',
      }),
    ),
    performance: ref(PerformanceSchema, { description: 'Latency and throughput.' }),
    memory: Type.Optional(ref(MemorySchema, { description: 'Memory of one device; only for language models.' })),
    energyPerMonth: Type.Optional(
      ref(EnergyReportSchema, {
        description: 'Energy and emissions of a month; absent where no power figure of the device is known.',
      }),
    ),
    racks: Type.Optional(ref(RackReportSchema, { description: 'Room and power; absent for edge devices.' })),
    coldStart: Type.Optional(ref(ColdStartSchema, { description: 'Starting a replica; only for language models.' })),
    onDevice: Type.Optional(
      ref(OnDeviceSchema, { description: 'Memory, speed and battery on the devices of the users; with userDevices.' }),
    ),
    optimizations: Type.Optional(
      ref(OptimizationReportSchema, { description: 'What each optimization would save; with include=optimizations.' }),
    ),
    calibration: Type.Optional(
      ref(CalibrationReportSchema, {
        description: 'What your own measurements changed; absent where none were given.',
      }),
    ),
    bindingConstraint: ref(BindingConstraintSchema, { description: 'What limits the answer, and what would lift it.' }),
    assumptions,
    prices: list(ref(PriceUseSchema), { description: 'Catalog prices used.' }),
    bandBases: Type.Optional(bandBases),
    request: repeatable(InferenceEstimateRequestSchema),
    replay,
  },
  { description: 'An inference estimate.' },
);

const InfeasibleInferenceSchema = component(
  'InfeasibleInferenceEstimate',
  {
    status: Type.Literal('infeasible', { description: 'The workload cannot be done as asked.' }),
    summary: text('Why, in a sentence or two.', 'No device in SA with a price fits Llama 3.1 405B.'),
    workload: ref(WorkloadSchema, { description: 'The load as it was understood.' }),
    reasons: list(ref(ExclusionSchema), { description: 'What failed, with required and actual values.' }),
    elsewhere: list(ref(PlaceElsewhereSchema), {
      description: 'The nearest places that offer a device that does what was asked, where the place is what fails.',
    }),
    relaxation: Type.Optional(
      ref(RelaxationSchema, {
        description: 'A change that makes it possible, verified by asking again with it; absent where none was found.',
      }),
    ),
    assumptions,
    request: repeatable(InferenceEstimateRequestSchema),
    replay,
  },
  { description: 'Nothing fits: a result with reasons.' },
);

export const InferenceEstimateSchema = unionComponent(
  'InferenceEstimate',
  'status',
  [FeasibleInferenceSchema, InfeasibleInferenceSchema],
  { description: 'The answer to an inference question.' },
);
