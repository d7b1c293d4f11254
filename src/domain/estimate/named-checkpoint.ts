/**
 * A model by the name of a checkpoint. Fine-tuned, renamed and quantized checkpoints share the architecture of a model the
 * catalog has: "meta-llama/Llama-3.3-70B-Instruct" is an alias of Llama-3.1-70B, "<model>-FP8" its weights in fp8.
 */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Architecture, LanguageArchitecture, Model } from '../models/architecture.ts';
import { refuse } from './request-fault.ts';

interface NamedCheckpoint {
  readonly model: Model;
  /** Name of the checkpoint, followed by that of the catalog model whose architecture it has, where these differ. */
  readonly name: string;
  readonly architecture: Architecture;
}

/** Endings of checkpoint names that tell the weight format. */
const FORMAT_ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/[-_.](?:fp8|fp8[-_](?:dynamic|kv|block|static[-_]pertensor))$/i, 'fp8'],
  [/[-_.](?:nvfp4|fp4)$/i, 'fp4'],
  [/[-_.]mxfp4$/i, 'mxfp4'],
  [/[-_.](?:int8|gptq[-_]int8|w8a8|quantized\.w8a8)$/i, 'int8'],
  [/[-_.](?:int4|4bit|awq|awq[-_]int4|gptq|gptq[-_]int4|bnb[-_]4bit|w4a16|quantized\.w4a16)$/i, 'int4'],
];

/** @throws RequestFaultError at the pointer where the name leads to no model. */
export const requireCheckpoint = (snapshot: CatalogSnapshot, asked: string, pointer: string): NamedCheckpoint =>
  namedCheckpoint(snapshot, asked) ??
  refuse(
    pointer,
    'unknown_id',
    `The catalog has no model "${asked}"; give its architecture as customLanguageModel or customVisionModel, or use a catalog id.`,
    { kind: 'model', id: asked },
  );

/** Undefined where neither the name nor the name without its ending leads to a model. */
export function namedCheckpoint(snapshot: CatalogSnapshot, asked: string): NamedCheckpoint | undefined {
  const [ending, format] = FORMAT_ENDINGS.find(([pattern]) => pattern.test(asked)) ?? [null, null];
  const model = snapshot.model(asked) ?? (ending === null ? undefined : quantized(snapshot, asked.replace(ending, '')));
  if (model === undefined) return undefined;
  const architecture =
    format === null || model.architecture.kind !== 'language'
      ? model.architecture
      : inFormat(model.architecture, format);
  return { model, name: nameOf(asked, model), architecture };
}

/** A quantized checkpoint usually has another owner before its name, so that the name alone is looked up; one that two models share leads to neither. */
function quantized(snapshot: CatalogSnapshot, asked: string): Model | undefined {
  const names = byLastPart.get(snapshot) ?? namesOf(snapshot);
  byLastPart.set(snapshot, names);
  return snapshot.model(asked) ?? names.get(lastPart(asked).toLowerCase()) ?? undefined;
}

const byLastPart = new WeakMap<CatalogSnapshot, ReadonlyMap<string, Model | null>>();

function namesOf({ models }: CatalogSnapshot): ReadonlyMap<string, Model | null> {
  const names = new Map<string, Model | null>();
  for (const model of models) {
    for (const known of [model.id, ...model.aliases]) {
      const name = lastPart(known).toLowerCase();
      names.set(name, (names.get(name) ?? model) === model ? model : null);
    }
  }
  return names;
}

const lastPart = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

function nameOf(asked: string, model: Model): string {
  const name = lastPart(asked);
  const same = !asked.includes('/') || name.toLowerCase() === lastPart(model.id).toLowerCase();
  return same ? model.name : `${name} (as ${model.name})`;
}

const published = new WeakMap<LanguageArchitecture, Map<string, LanguageArchitecture>>();

/** The same object for the same architecture and format, since results are remembered by it. */
function inFormat(architecture: LanguageArchitecture, format: string): LanguageArchitecture {
  if (architecture.nativeWeightFormat === format) return architecture;
  const formats = published.get(architecture) ?? new Map<string, LanguageArchitecture>();
  published.set(architecture, formats);
  const known = formats.get(format) ?? { ...architecture, nativeWeightFormat: format };
  formats.set(format, known);
  return known;
}
