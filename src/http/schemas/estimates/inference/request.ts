/** What serving a model is asked about. */
import { Type } from '@sinclair/typebox';
import { choice, component, list, ref } from '../../component.ts';
import { deviceFields } from '../../device-selector.ts';
import { modelFields } from '../../model-selector.ts';
import { pinFields } from '../../pins.ts';
import { LocationSchema, PurchaseSchema, SiteFactsSchema, SurchargesSchema } from '../../purchase.ts';
import { positive, positiveInteger } from '../../quantity.ts';
import { CalibrationSchema } from './calibration.ts';
import { ImageSizeSchema, ObjectivesSchema, PromptImagesSchema, TokenLengthsSchema, TrafficSchema } from './load.ts';
import { OptimizationWishesSchema } from './optimization-request.ts';
import { ScalingSchema, ServingSchema } from './serving-options.ts';
import { UserDevicesSchema } from './user-devices.ts';

const INCLUDES = ['optimizations'] as const;

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
