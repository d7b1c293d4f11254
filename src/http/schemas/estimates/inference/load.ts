/** What arrives, how it arrives, and how long it may take. */
import { Type } from '@sinclair/typebox';
import { component, list, ref } from '../../component.ts';
import { positive } from '../../quantity.ts';

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

export const TokenLengthsSchema = component(
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

export const TrafficSchema = component(
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

export const ObjectivesSchema = component(
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

export const ImageSizeSchema = component(
  'ImageSize',
  {
    width: Type.Integer({ minimum: 64, maximum: 8192, multipleOf: 8, description: 'Pixels.', examples: [1024] }),
    height: Type.Integer({ minimum: 64, maximum: 8192, multipleOf: 8, description: 'Pixels.', examples: [1024] }),
  },
  { description: 'The size of generated images.', examples: [{ width: 1024, height: 1024 }] },
);

export const PromptImagesSchema = component(
  'PromptImages',
  {
    count: Type.Integer({ minimum: 1, maximum: 10_000, description: 'Images per request.', examples: [1] }),
    width: Type.Integer({ minimum: 1, maximum: 65_536, description: 'Pixels.', examples: [1024] }),
    height: Type.Integer({ minimum: 1, maximum: 65_536, description: 'Pixels.', examples: [768] }),
  },
  { description: 'Images that come with the text of a prompt.', examples: [{ count: 1, width: 1024, height: 768 }] },
);
