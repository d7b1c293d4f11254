import { Type } from '@sinclair/typebox';
import { number, text } from '../../answer-fields.ts';
import { choice, component, list, ref } from '../../component.ts';
import { positive, positiveInteger } from '../../quantity.ts';

const CalibrationPointSchema = component(
  'CalibrationPoint',
  {
    device: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Catalog id of the device it was measured on; that of the request where absent.',
        examples: ['nvidia-h100-sxm5-80gb'],
      }),
    ),
    engine: Type.Optional(
      choice(['vllm', 'sglang', 'tensorrt_llm', 'llama_cpp'], {
        description: 'Serving engine; as in the request where absent.',
        examples: ['vllm'],
      }),
    ),
    weightFormat: Type.Optional(
      choice(['bf16', 'fp16', 'fp32', 'fp8', 'int8', 'w8a16', 'int4', 'fp4', 'mxfp4'], {
        description: 'Number format of the weights; as in the request where absent.',
        examples: ['bf16'],
      }),
    ),
    tensorParallel: Type.Optional(positiveInteger('Devices that shared each layer.', 1024, 4)),
    pipelineParallel: Type.Optional(positiveInteger('Pipeline stages.', 1024, 1)),
    promptTokens: Type.Optional(positive('Mean prompt length of the run; as in the request where absent.', 1e8, 1024)),
    outputTokens: Type.Optional(positive('Mean output length of the run; as in the request where absent.', 1e8, 256)),
    concurrency: Type.Optional(
      positive('Requests in flight in one replica. Language models: this or requestsPerSecond.', 1e6, 32),
    ),
    requestsPerSecond: Type.Optional(positive('Arrivals at one replica, where concurrency is not known.', 1e9, 4)),
    ttftMs: Type.Optional(positive('Time to first token, median, ms.', 1e7, 240)),
    timePerOutputTokenMs: Type.Optional(positive('Time per output token, median, ms.', 1e6, 21)),
    outputTokensPerSecond: Type.Optional(positive('Output tokens/s of one replica.', 1e9, 1400)),
    samplesPerSecond: Type.Optional(
      positive('Samples/s of one device at full batches, for models that work by the sample.', 1e9, 900),
    ),
    singleStreamMs: Type.Optional(positive('One sample alone, ms, for models that work by the sample.', 1e7, 1.2)),
  },
  {
    description: 'One measurement of your own deployment of this model.',
    examples: [{ concurrency: 32, promptTokens: 1024, outputTokens: 256, timePerOutputTokenMs: 21 }],
  },
);

export const CalibrationSchema = component(
  'Calibration',
  {
    points: list(ref(CalibrationPointSchema), { description: 'Measurements.', minItems: 1, maxItems: 100 }),
  },
  {
    description:
      'What you measured yourself. Estimates for that device and engine move to it, by the number of measurements and by how sure the model was, and their bands narrow.',
    examples: [{ points: [{ concurrency: 32, timePerOutputTokenMs: 21 }] }],
  },
);

const FactorBandSchema = component(
  'FactorBand',
  {
    p10: number('10th percentile.', 0.9),
    p50: number('Median.', 1.02),
    p90: number('90th percentile.', 1.15),
  },
  { description: 'Measured over predicted.' },
);

const CalibratedMetricSchema = component(
  'CalibratedMetric',
  {
    metric: text('ttft, tpot, throughput, samples_per_second or single_stream.', 'tpot'),
    points: Type.Integer({ description: 'Number of measurements of this figure.', examples: [3] }),
    before: ref(FactorBandSchema, { description: 'From the nearest measured group alone.' }),
    after: ref(FactorBandSchema, { description: 'With your measurements.' }),
  },
  { description: 'What your measurements changed in one metric.' },
);

export const CalibrationReportSchema = component(
  'CalibrationReport',
  {
    metrics: list(ref(CalibratedMetricSchema), {
      description: 'Empty where none of your measurements is of the device and engine chosen.',
    }),
  },
  { description: 'What your own measurements changed.' },
);
