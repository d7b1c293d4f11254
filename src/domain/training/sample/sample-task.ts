/** What is trained where the work is counted in samples: how much of it, at what cost, and what each takes to store. */
import { sourcedDefault } from '../../economics/assumption.ts';
import { EXPERIMENTS_FINE_TUNING, EXPERIMENTS_PRETRAINING } from '../../economics/people-cost.ts';
import { refuse } from '../../estimate/request-fault.ts';
import type { NamedModel } from '../../estimate/resolve-model.ts';
import type { OtherArchitecture, VisionArchitecture } from '../../models/architecture.ts';
import { diffusionTransformerFlops, unetFlops } from '../../models/diffusion-flops.ts';
import {
  type DiffusionArchitecture,
  type SpeechArchitecture,
  sampleArchitecture,
} from '../../models/sample-architecture.ts';
import { encoderFlops, speechDecoderFlops, speechEncoderFlops } from '../../models/sample-flops.ts';
import { SECONDS_PER_HOUR } from '../../units.ts';
import type { TrainingRequest } from '../request.ts';
import type { SampleTraining, SampleTrainingRefusal } from '../results.ts';
import type { Cluster, TrainingPrecision } from '../workload.ts';
import { type SampleWork, sampleTraining } from './sample-training.ts';
import { visionTraining } from './vision.ts';

type SampleUnit = 'images' | 'tokens' | 'audioHours';

export interface SampleTask {
  readonly modelId: string;
  readonly modelName: string;
  /** The request field that counts the work. */
  readonly unit: SampleUnit;
  /** Seen, all epochs together. */
  readonly amount: number;
  readonly sequenceLength: number | null;
  readonly trainedParameters: number;
  readonly bytesPerUnit: ReturnType<typeof sourcedDefault>;
  /** How often each unit is seen, where the size of the data set is not given. */
  readonly epochs: number;
  readonly train: (cluster: Cluster, precision: TrainingPrecision) => SampleTraining | SampleTrainingRefusal;
  /** Runs before the best one, where the request does not say. */
  readonly experiments: typeof EXPERIMENTS_PRETRAINING;
  readonly efficiencyInWords: string;
}

const datasetDefault = (id: string, value: number, unit: string, low: number, high: number, source: string) =>
  sourcedDefault({
    id: `storage.dataset_bytes_per_${id}`,
    field: '/data/datasetTerabytes',
    value,
    unit,
    range: { low, high },
    kind: 'sourced',
    source,
    reason: 'No size of the data set was given.',
  });

const BYTES_PER_IMAGE = datasetDefault(
  'image',
  110e3,
  'bytes per image seen once',
  50e3,
  500e3,
  'ImageNet-1k: about 144 GB for 1.28 M training images (image-net.org); detection data sets have larger images',
);
const BYTES_PER_TOKEN = datasetDefault(
  'token',
  4,
  'bytes per token seen once',
  3,
  6,
  'about four characters per English token',
);
const BYTES_PER_AUDIO_HOUR = datasetDefault(
  'audio_hour',
  60e6,
  'bytes per hour of audio seen once',
  30e6,
  115e6,
  '16 kHz, 16 bit, one channel is 115 MB an hour; lossless compression about halves it',
);

/** ImageNet recipes see each image about this many times. */
const VISION_EPOCHS = 90;

export const visionTask = (model: NamedModel<VisionArchitecture>, request: TrainingRequest): SampleTask => ({
  modelId: model.id,
  modelName: model.name,
  ...amountOf(request, 'images', 'A vision model is trained on images'),
  sequenceLength: null,
  trainedParameters: model.architecture.parametersTotal,
  bytesPerUnit: BYTES_PER_IMAGE,
  epochs: VISION_EPOCHS,
  experiments: EXPERIMENTS_FINE_TUNING,
  train: (cluster, precision) => visionTraining(model.architecture, cluster, request.images as number, precision),
  efficiencyInWords: 'Convolution and matrix arithmetic at the efficiency measured for this class of device.',
});

/** @throws RequestFaultError for kinds that nobody measured, shapes that the catalog lacks, and fields of other kinds */
export function sampleTask(model: NamedModel<OtherArchitecture>, request: TrainingRequest): SampleTask {
  const read = sampleArchitecture(model.architecture);
  const { parametersTotal } = model.architecture;
  if ('missing' in read || parametersTotal === null) {
    const missing = 'missing' in read ? read.missing : ['parametersTotal'];
    return refuse('/model', 'unsupported_shape', `The catalog entry of ${model.id} lacks ${missing.join(', ')}.`);
  }
  const { architecture } = read;
  const common = {
    modelId: model.id,
    modelName: model.name,
    epochs: 1,
    experiments: request.method === 'full_fine_tuning' ? EXPERIMENTS_FINE_TUNING : EXPERIMENTS_PRETRAINING,
    efficiencyInWords: 'Matrix arithmetic and convolution at the efficiency measured for this kind of model.',
  };
  const task = (counted: ReturnType<typeof amountOf>, work: SampleWork) => ({
    ...common,
    ...counted,
    trainedParameters: work.trainedParameters,
    train: (cluster: Cluster, precision: TrainingPrecision) => sampleTraining(work, cluster, counted.amount, precision),
  });
  switch (architecture.kind) {
    case 'encoder': {
      const counted = amountOf(request, 'tokens', 'An encoder is trained on tokens, padding left out');
      const sequenceLength = request.sequenceLength ?? Math.min(USUAL_SEQUENCE, architecture.maxContextTokens);
      if (sequenceLength > architecture.maxContextTokens) {
        refuse(
          '/sequenceLength',
          'maximum',
          `${model.name} reads at most ${architecture.maxContextTokens} tokens at once.`,
        );
      }
      const forwardFlopsPerUnit = encoderFlops(architecture, sequenceLength) / sequenceLength;
      const work: SampleWork = { kind: 'encoder', forwardFlopsPerUnit, trainedParameters: parametersTotal };
      return { ...task(counted, work), sequenceLength, bytesPerUnit: BYTES_PER_TOKEN };
    }
    case 'speech_to_text': {
      const counted = amountOf(request, 'audioHours', 'A speech model is trained on hours of audio');
      const forwardFlopsPerUnit = speechFlopsPerHour(architecture);
      const work: SampleWork = { kind: 'speech_to_text', forwardFlopsPerUnit, trainedParameters: parametersTotal };
      return { ...task(counted, work), sequenceLength: null, bytesPerUnit: BYTES_PER_AUDIO_HOUR };
    }
    case 'text_to_image': {
      const counted = amountOf(request, 'images', 'An image generator is trained on images');
      const work: SampleWork = {
        kind: 'text_to_image',
        forwardFlopsPerUnit: denoiserFlops(architecture),
        // text encoders and the image decoder stay as they are
        trainedParameters: Math.max(0, parametersTotal - architecture.textEncoderParameters),
      };
      return { ...task(counted, work), sequenceLength: null, bytesPerUnit: BYTES_PER_IMAGE };
    }
    default:
      return refuse(
        '/model',
        'unsupported_kind',
        `${model.id} is a ${architecture.kind} model, of which no training run was measured; decoder language models, encoders, vision, speech (Whisper-like) and image generation can be trained here.`,
      );
  }
}

/** Sequences of BERT and its successors; half of it on average where texts are shorter (arXiv 2107.02027). */
const USUAL_SEQUENCE = 256;
/** Whisper hears windows of 30 s (arXiv 2212.04356); speech has about 4 text tokens a second (assumed). */
const WINDOW_SECONDS = 30;
const TEXT_TOKENS_PER_SECOND = 4;

function speechFlopsPerHour(architecture: SpeechArchitecture): number {
  const windows = SECONDS_PER_HOUR / WINDOW_SECONDS;
  return (
    windows * speechEncoderFlops(architecture) +
    speechDecoderFlops(architecture, windows, SECONDS_PER_HOUR * TEXT_TOKENS_PER_SECOND)
  );
}

/** One denoising step for each image: the noise of one time step is predicted (arXiv 2006.11239). */
const denoiserFlops = ({ denoiser, contextTokens, imageHeight, imageWidth }: DiffusionArchitecture): number =>
  denoiser.denoiser === 'unet'
    ? unetFlops(denoiser, contextTokens, imageHeight, imageWidth)
    : diffusionTransformerFlops(denoiser, contextTokens, imageHeight, imageWidth);

const UNITS: Readonly<Record<SampleUnit, string>> = {
  images: 'images',
  tokens: 'tokens',
  audioHours: 'hours of audio',
};

export const unitInWords = (unit: SampleUnit): string => UNITS[unit];

/** @throws RequestFaultError where the work is not counted, or in another unit as well */
function amountOf(request: TrainingRequest, unit: SampleUnit, sentence: string): { unit: SampleUnit; amount: number } {
  for (const other of Object.keys(UNITS) as SampleUnit[]) {
    if (other !== unit && request[other] !== undefined) {
      refuse(`/${other}`, 'contradiction', `${sentence}; leave ${other} out.`);
    }
  }
  const amount =
    request[unit] ?? refuse(`/${unit}`, 'required', `${sentence}: say how many ${UNITS[unit]}, all epochs together.`);
  return { unit, amount };
}
