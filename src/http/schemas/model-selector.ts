/** The model of a request: one of the catalog, or one of the caller's own. */
import { Type } from '@sinclair/typebox';
import { choice, component, ref } from './component.ts';
import { CustomLanguageModelSchema } from './custom-language-model.ts';
import { positive, positiveInteger } from './quantity.ts';

const CustomVisionModelSchema = component(
  'CustomVisionModel',
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Name shown in the answer.',
      examples: ['our-detector'],
    }),
    task: choice(['classification', 'detection', 'segmentation'], {
      description: 'What the model does.',
      examples: ['detection'],
    }),
    parametersMillions: positive('Parameters in millions.', 1e6, 25.6),
    gigaflopsPerImage: positive(
      'GFLOP of one forward pass at the input size; multiply and add count as two.',
      1e7,
      28.6,
    ),
    inputHeight: positiveInteger('Input height in pixels.', 100_000, 640),
    inputWidth: positiveInteger('Input width in pixels.', 100_000, 640),
  },
  {
    description: 'A vision model the catalog does not know.',
    examples: [
      {
        name: 'our-detector',
        task: 'detection',
        parametersMillions: 11.2,
        gigaflopsPerImage: 28.6,
        inputHeight: 640,
        inputWidth: 640,
      },
    ],
  },
);

export const modelFields = {
  model: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Catalog id or alias of the model, or the name of a checkpoint of it: "<model>-FP8", "-AWQ", "-NVFP4" and the like are its weights in that format. Exactly one of model, customLanguageModel and customVisionModel.',
      examples: ['meta-llama/Llama-3.1-70B'],
    }),
  ),
  customLanguageModel: Type.Optional(ref(CustomLanguageModelSchema, { description: 'A language model of your own.' })),
  customVisionModel: Type.Optional(ref(CustomVisionModelSchema, { description: 'A vision model of your own.' })),
};
