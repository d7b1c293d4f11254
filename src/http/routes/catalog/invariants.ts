/** What must hold of an entry beyond its schema: what it refers to exists, and its fields agree with one another. */
import type { EntryKind, EntryTypes } from '../../../catalog/entry.ts';
import type { CatalogView } from '../../../catalog/snapshot.ts';
import type { Architecture } from '../../../domain/models/architecture.ts';
import { patternLayers } from '../../../domain/models/layers.ts';
import { ProblemError } from '../../problems/problem-error.ts';

interface Broken {
  /** JSON Pointer of the field to change. */
  readonly pointer: string;
  /** A sentence that says what to change. */
  readonly detail: string;
}

type Invariants = { readonly [K in EntryKind]?: (entry: EntryTypes[K]) => readonly (Broken | undefined)[] };

const when = (broken: boolean, pointer: string, detail: string): Broken | undefined =>
  broken ? { pointer, detail } : undefined;

const languageModel = (architecture: Architecture): readonly (Broken | undefined)[] => {
  if (architecture.kind !== 'language') return [];
  const { layers, layerPattern, attention, parametersActive, parametersTotal, mixtureOfExperts } = architecture;
  const counted = patternLayers(layerPattern);
  return [
    when(
      counted !== layers,
      '#/architecture/layerPattern',
      `The pattern has ${counted} layers and the model ${layers}; they must be equal.`,
    ),
    when(
      attention.type === 'gqa' && attention.heads % attention.kvHeads !== 0,
      '#/architecture/attention/kvHeads',
      'The number of heads must be a multiple of kvHeads.',
    ),
    when(
      attention.type === 'compressed' && attention.light.layers + attention.heavy.layers !== layerPattern.full,
      '#/architecture/attention',
      `Light and heavy layers must add up to the ${layerPattern.full} full layers of the pattern.`,
    ),
    when(
      parametersActive > parametersTotal,
      '#/architecture/parametersActive',
      'A token cannot use more parameters than there are; parametersActive must not exceed parametersTotal.',
    ),
    when(
      mixtureOfExperts !== null && mixtureOfExperts.activeExperts > mixtureOfExperts.experts,
      '#/architecture/mixtureOfExperts/activeExperts',
      'A token cannot use more experts than there are; activeExperts must not exceed experts.',
    ),
  ];
};

const invariants: Invariants = {
  device: ({ claims }) =>
    claims.flatMap(({ metric, format }, index) => [
      when(
        metric === 'peak_flops' && format === null,
        `#/claims/${index}/format`,
        'A peak needs its number format, for example "bf16".',
      ),
      when(
        metric !== 'peak_flops' && format !== null,
        `#/claims/${index}/format`,
        `Only peaks have a number format; leave it out for ${metric}.`,
      ),
    ]),
  model: ({ architecture }) => languageModel(architecture),
  region: ({ id, providerId, code }) => [
    when(
      id !== `${providerId}/${code}`,
      '#/code',
      `The id of this region must be '${providerId}/${code}': provider, slash, code.`,
    ),
  ],
  offer: ({ id, providerId }) => [
    when(
      !id.startsWith(`${providerId}/`),
      '#/providerId',
      `The id of an offer of '${providerId}' must begin with '${providerId}/'.`,
    ),
  ],
  grid: ({ gramsCo2ePerKwh, lowGramsCo2ePerKwh, highGramsCo2ePerKwh }) => [
    when(
      gramsCo2ePerKwh < lowGramsCo2ePerKwh || gramsCo2ePerKwh > highGramsCo2ePerKwh,
      '#/gramsCo2ePerKwh',
      `It must lie between the lowest (${lowGramsCo2ePerKwh}) and the highest (${highGramsCo2ePerKwh}) observation; correct those as well.`,
    ),
  ],
  tariff: ({ localPerKwh, localCurrency }) => [
    when(
      (localPerKwh === null) !== (localCurrency === null),
      '#/localCurrency',
      'Give localPerKwh and localCurrency together, or neither.',
    ),
  ],
};

/** @throws ProblemError with every sentence. */
export const checkInvariants = (kind: EntryKind, entry: { readonly id: string }): void => {
  const broken = (invariants[kind]?.(entry as never) ?? []).filter((it) => it !== undefined);
  const [first] = broken;
  if (first === undefined) return;
  throw new ProblemError('invalid-request', `The body was refused. ${first.detail}`, {
    errors: broken.map(({ pointer, detail }) => ({ pointer, detail, rule: 'consistency' })),
  });
};

/** Where a text stands that PostgreSQL cannot keep: one with a zero character or half of a surrogate pair. */
const unstorable = (value: unknown, pointer: string): string | undefined => {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed() ? pointer : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, part] of Object.entries(value)) {
    const found = unstorable(name, pointer) ?? unstorable(part, `${pointer}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** @throws ProblemError when a text of the body cannot be kept. */
export const checkTexts = (body: unknown): void => {
  const pointer = unstorable(body, '#');
  if (pointer === undefined) return;
  const detail = 'A text must not contain the character U+0000 or half of a surrogate pair.';
  throw new ProblemError('invalid-request', `The body was refused. ${detail}`, {
    errors: [{ pointer, detail, rule: 'text' }],
  });
};

const REFERENCES: { readonly [field: string]: EntryKind } = {
  providerId: 'provider',
  regionId: 'region',
  deviceId: 'device',
  modelId: 'model',
};

/** Whether a statement with these fields can name something that does not exist. */
export const refersToOthers = (fields: object): boolean =>
  Object.keys(fields).some((field) => field === 'deviceIds' || field in REFERENCES);

/**
 * @param body what the caller says, or what the entry would be.
 * @throws ProblemError when it names an id that the catalog does not have, with the nearest it has.
 */
export const checkReferences = (view: CatalogView, body: Readonly<Record<string, unknown>>): void => {
  const named = [
    ...Object.entries(REFERENCES).map(([field, kind]) => ({ pointer: `#/${field}`, kind, id: body[field] })),
    ...((body.deviceIds ?? []) as readonly string[]).map((id, index) => ({
      pointer: `#/deviceIds/${index}`,
      kind: 'device' as const,
      id,
    })),
  ];
  const errors = named
    .filter(({ kind, id }) => typeof id === 'string' && view.entry(kind, id) === undefined)
    .map(({ pointer, kind, id }) => {
      const near = view.nearest(kind, String(id))[0];
      const hint = near === undefined ? ` Add the ${kind} first.` : ` Did you mean '${near}'?`;
      return { pointer, detail: `The catalog has no ${kind} '${id}'.${hint}`, rule: 'unknown_id' };
    });
  if (errors[0] !== undefined) throw new ProblemError('unknown-catalog-id', errors[0].detail, { errors });
};
