/** What one sample of an encoder, speech, image or ranking model is, from the architecture and the request. */
import { AssumptionLog, sourcedDefault } from '../../economics/assumption.ts';
import { refuse } from '../../estimate/request-fault.ts';
import type { NamedModel } from '../../estimate/resolve-model.ts';
import type { OtherArchitecture } from '../../models/architecture.ts';
import { imageFlops } from '../../models/diffusion-flops.ts';
import {
  type DiffusionArchitecture,
  type EncoderArchitecture,
  type RecommendationArchitecture,
  type SpeechArchitecture,
  sampleArchitecture,
  type TransducerArchitecture,
} from '../../models/sample-architecture.ts';
import {
  crossAttentionValues,
  encoderFlops,
  encoderWeights,
  recommendationFlops,
  speechDecoderFlops,
  speechDecoderWeights,
  speechEncoderFlops,
} from '../../models/sample-flops.ts';
import type { InferenceRequest } from '../request.ts';
import { requestLengths } from '../workload.ts';
import type { SampleFormat, SampleModel } from './serving.ts';

const SEQUENCE_TOKENS = sourcedDefault({
  id: 'workload.sequence_tokens',
  field: '/promptTokens/mean',
  value: 256,
  unit: 'tokens',
  range: { low: 128, high: 512 },
  kind: 'assumed',
  source: 'sentence-transformers/all-MiniLM-L6-v2 cuts texts at 256 tokens; encoders of the BERT class read up to 512',
  reason: 'No length was given: a paragraph or chunk of a document.',
});

const AUDIO_SECONDS = sourcedDefault({
  id: 'workload.audio_seconds',
  field: '/audioSecondsPerRequest',
  value: 30,
  unit: 's',
  range: null,
  kind: 'sourced',
  source: 'Whisper works on windows of 30 s (arXiv 2212.04356)',
  reason: 'No length of audio was given: one window.',
});

const TEXT_TOKENS_PER_SECOND = sourcedDefault({
  id: 'workload.text_tokens_per_audio_second',
  field: '/outputTokens/mean',
  value: 2.7,
  unit: 'tokens/s of audio',
  range: { low: 2, high: 4 },
  kind: 'assumed',
  source:
    'MLPerf v5.1 Whisper logs: 63.5 tokens per sample of LibriSpeech; 23 s per sample is our estimate, not read in a source',
  reason: 'No length of the transcript was given.',
});

const PAIRS_PER_QUERY = sourcedDefault({
  id: 'workload.candidates_per_request',
  field: '/candidatesPerRequest',
  value: 270,
  unit: 'user-item pairs',
  range: { low: 100, high: 700 },
  kind: 'assumed',
  source:
    'MLPerf inference recommendation: 100 to 700 user-item pairs per query, 270 on average; from memory, not read in a source',
  reason: 'The number of items to rank was not given.',
});

const WINDOW_SECONDS = 30;
/** Passes over the weights of one stream: 33 frames a second below the time reduction, 17 above. */
const TRANSDUCER_PASSES_PER_SECOND = 25;

/** Values alive per token or pixel while one sample runs: a dozen activations of the layer's width; decoder feature maps. */
const ACTIVATIONS_PER_WIDTH = 12;
const ACTIVATIONS_PER_PIXEL = 512;

const HALF_FIRST: readonly SampleFormat[] = ['fp16', 'bf16', 'fp8', 'int8', 'fp32'];
/** As MLPerf runs them within 1 % of full quality: the denoiser in fp8, tables and perceptrons in int8. */
const FP8_FIRST: readonly SampleFormat[] = ['fp8', 'fp16', 'bf16', 'int8', 'fp32'];
const INT8_FIRST: readonly SampleFormat[] = ['int8', 'fp16', 'bf16', 'fp8', 'fp32'];

export interface ServedSample {
  readonly model: SampleModel;
  readonly promptTokens: number | null;
  readonly outputTokens: number | null;
}

const COMMON = { valuesPerSample: 0, depthwise: false, saturatesAlone: false, steps: null } as const;

/** @throws RequestFaultError where the catalog lacks what the formulas need, or the model cannot take what is asked. */
export function servedSample(
  named: NamedModel<OtherArchitecture>,
  request: InferenceRequest,
  log: AssumptionLog,
): ServedSample {
  const result = sampleArchitecture(named.architecture);
  if ('missing' in result || named.architecture.parametersTotal === null) {
    const missing = 'missing' in result ? result.missing : ['parametersTotal'];
    return refuse('/model', 'unsupported_shape', `The catalog entry of ${named.id} lacks ${missing.join(', ')}.`);
  }
  const { architecture } = result;
  const { parametersTotal } = named.architecture;
  switch (architecture.kind) {
    case 'encoder':
      return encoder(architecture, parametersTotal, named.name, request, log);
    case 'speech_to_text':
      return speech(architecture, parametersTotal, request, log);
    case 'transducer':
      return transducer(architecture, parametersTotal, request, log);
    case 'text_to_image':
      return image(architecture, parametersTotal, request, log);
    case 'recommendation':
      return query(architecture, parametersTotal, request, log);
  }
}

/** Lengths are resolved like those of language models; the mean decides, since batches mix lengths. */
const given = (request: InferenceRequest, field: 'promptTokens' | 'outputTokens'): number | undefined =>
  request[field] === undefined ? undefined : requestLengths(request, new AssumptionLog())[field].mean;

function encoder(
  architecture: EncoderArchitecture,
  parametersTotal: number,
  name: string,
  request: InferenceRequest,
  log: AssumptionLog,
): ServedSample {
  const { maxContextTokens, hiddenSize, layers } = architecture;
  const tokens = log.resolve(given(request, 'promptTokens'), SEQUENCE_TOKENS).value;
  if (tokens > maxContextTokens) {
    refuse(
      '/promptTokens',
      'maximum',
      `${name} reads at most ${maxContextTokens} tokens at once; count each chunk of a longer text as one request.`,
    );
  }
  return {
    model: {
      ...COMMON,
      cohort: 'encoder',
      unit: 'sequence',
      parametersTotal,
      flopsPerSample: encoderFlops(architecture, tokens),
      activationValues: tokens * hiddenSize * ACTIVATIONS_PER_WIDTH,
      steps: { count: 1, weightsPerStep: encoderWeights(architecture), layersPerStep: layers },
      formats: HALF_FIRST,
    },
    promptTokens: tokens,
    outputTokens: null,
  };
}

function speech(
  architecture: SpeechArchitecture,
  parametersTotal: number,
  request: InferenceRequest,
  log: AssumptionLog,
): ServedSample {
  const seconds = log.resolve(request.audioSecondsPerRequest, AUDIO_SECONDS).value;
  const windows = Math.ceil(seconds / WINDOW_SECONDS);
  const textTokens = given(request, 'outputTokens') ?? log.resolve(undefined, TEXT_TOKENS_PER_SECOND).value * seconds;
  return {
    model: {
      ...COMMON,
      cohort: 'speech',
      unit: 'clip',
      parametersTotal,
      flopsPerSample:
        windows * speechEncoderFlops(architecture) + speechDecoderFlops(architecture, windows, textTokens),
      valuesPerSample: textTokens * crossAttentionValues(architecture),
      activationValues:
        crossAttentionValues(architecture) +
        architecture.audioContext * architecture.hiddenSize * ACTIVATIONS_PER_WIDTH,
      steps: {
        count: textTokens,
        weightsPerStep: speechDecoderWeights(architecture),
        layersPerStep: architecture.decoderLayers,
      },
      formats: HALF_FIRST,
    },
    promptTokens: null,
    outputTokens: textTokens,
  };
}

function transducer(
  { flopsPerAudioSecond }: TransducerArchitecture,
  parametersTotal: number,
  request: InferenceRequest,
  log: AssumptionLog,
): ServedSample {
  const seconds = log.resolve(request.audioSecondsPerRequest, AUDIO_SECONDS).value;
  return {
    model: {
      ...COMMON,
      cohort: 'transducer',
      unit: 'clip',
      parametersTotal,
      flopsPerSample: flopsPerAudioSecond * seconds,
      valuesPerSample: parametersTotal * TRANSDUCER_PASSES_PER_SECOND * seconds,
      activationValues: 0,
      formats: HALF_FIRST,
    },
    promptTokens: null,
    outputTokens: given(request, 'outputTokens') ?? null,
  };
}

function image(
  architecture: DiffusionArchitecture,
  parametersTotal: number,
  request: InferenceRequest,
  log: AssumptionLog,
): ServedSample {
  const { width = architecture.imageWidth, height = architecture.imageHeight } = request.imageSize ?? {};
  if (request.imageSize === undefined) {
    log.add({
      id: 'workload.image_size',
      field: '/imageSize',
      value: `${width} x ${height}`,
      unit: 'pixels',
      range: null,
      source: 'the size the model was trained for',
      reason: 'No size of image was given.',
    });
  }
  const steps = log.resolve(
    request.denoisingSteps,
    sourcedDefault({
      id: 'workload.denoising_steps',
      field: '/denoisingSteps',
      value: architecture.denoisingSteps,
      unit: 'steps',
      range: null,
      kind: 'sourced',
      source: 'catalog entry of the model: the benchmark or the model card',
      reason: 'No number of denoising steps was given.',
    }),
  ).value;
  return {
    model: {
      ...COMMON,
      cohort: 'diffusion',
      unit: 'image',
      parametersTotal,
      flopsPerSample: imageFlops(architecture, { width, height, steps }),
      activationValues: width * height * ACTIVATIONS_PER_PIXEL,
      saturatesAlone: true,
      formats: FP8_FIRST,
    },
    promptTokens: null,
    outputTokens: null,
  };
}

function query(
  architecture: RecommendationArchitecture,
  parametersTotal: number,
  request: InferenceRequest,
  log: AssumptionLog,
): ServedSample {
  const pairs = log.resolve(request.candidatesPerRequest, PAIRS_PER_QUERY).value;
  const { lookupsPerPair, embeddingDim, embeddingTables, bottomMlp, topMlp, crossLayers } = architecture;
  return {
    model: {
      ...COMMON,
      cohort: 'recommendation',
      unit: 'query',
      parametersTotal,
      flopsPerSample: pairs * recommendationFlops(architecture),
      valuesPerSample: pairs * lookupsPerPair * embeddingDim,
      activationValues: pairs * (embeddingTables + 1) * embeddingDim,
      steps: { count: 1, weightsPerStep: 0, layersPerStep: bottomMlp.length + topMlp.length + crossLayers + 1 },
      formats: INT8_FIRST,
    },
    promptTokens: null,
    outputTokens: null,
  };
}
