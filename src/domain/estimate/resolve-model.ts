/** A model by catalog id, or from the caller's own architecture. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { LanguageArchitecture, OtherArchitecture, VisionArchitecture } from '../models/architecture.ts';
import { customLanguageArchitecture } from './custom-language-model.ts';
import { requireCheckpoint } from './named-checkpoint.ts';
import { requireExactlyOne } from './request-fault.ts';
import type { CustomLanguageModel, CustomVisionModel } from './selectors.ts';

export interface NamedModel<Architecture> {
  readonly id: string;
  readonly name: string;
  readonly architecture: Architecture;
}

type ResolvedModel =
  | (NamedModel<LanguageArchitecture> & { readonly kind: 'language' })
  | (NamedModel<VisionArchitecture> & { readonly kind: 'vision' });

/** Models that can be served: every kind the catalog has. */
export type ServedModel = ResolvedModel | (NamedModel<OtherArchitecture> & { readonly kind: 'other' });

interface ModelSelector {
  readonly model?: string;
  readonly customLanguageModel?: CustomLanguageModel;
  readonly customVisionModel?: CustomVisionModel;
}

const MODEL_FIELDS = ['model', 'customLanguageModel', 'customVisionModel'] as const;

/** JSON Pointer of the field that says which model. */
export const modelPointer = (selector: ModelSelector): string =>
  `/${MODEL_FIELDS.find((field) => selector[field] !== undefined) ?? 'model'}`;

/** @throws RequestFaultError for unknown ids, and architectures that contradict themselves. */
export function resolveServedModel(snapshot: CatalogSnapshot, selector: ModelSelector): ServedModel {
  requireExactlyOne(selector, MODEL_FIELDS, 'which model');
  const { model: id, customLanguageModel, customVisionModel } = selector;
  if (customLanguageModel !== undefined) {
    return {
      kind: 'language',
      id: 'custom',
      name: customLanguageModel.name,
      architecture: customLanguageArchitecture(snapshot, customLanguageModel),
    };
  }
  if (customVisionModel !== undefined) {
    return {
      kind: 'vision',
      id: 'custom',
      name: customVisionModel.name,
      architecture: customVision(customVisionModel),
    };
  }
  return catalogModel(snapshot, id ?? '');
}

function catalogModel(snapshot: CatalogSnapshot, asked: string): ServedModel {
  const { model, name, architecture } = requireCheckpoint(snapshot, asked, '/model');
  const { id } = model;
  switch (architecture.kind) {
    case 'language':
      return { kind: 'language', id, name, architecture };
    case 'vision_classification':
    case 'vision_detection':
    case 'vision_segmentation':
      return { kind: 'vision', id, name, architecture };
    default:
      return { kind: 'other', id, name, architecture };
  }
}

const customVision = (custom: CustomVisionModel): VisionArchitecture => ({
  kind: `vision_${custom.task}`,
  family: 'custom',
  parametersTotal: custom.parametersMillions * 1e6,
  flopsPerSample: custom.gigaflopsPerImage * 1e9,
  inputHeight: custom.inputHeight,
  inputWidth: custom.inputWidth,
});
