/** Turns what Ajv found into sentences that say what to change. */

import type { TSchema } from '@sinclair/typebox';
import { indefinite } from '../indefinite.ts';
import { DECIMAL, NOT_BLANK } from '../schemas/catalog/fields.ts';
import { componentById } from '../schemas/component.ts';
import { nearest, sameBeginning } from './nearest.ts';
import type { FieldError } from './problem-error.ts';

/** An Ajv error with `verbose: true`. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
  readonly data?: unknown;
  readonly parentSchema?: Readonly<Record<string, unknown>> | undefined;
}

export type RequestPart = 'body' | 'querystring' | 'params' | 'headers';

const MAX_REPORTED = 25;
const MAX_QUOTED_LENGTH = 60;

const partNames: Record<Exclude<RequestPart, 'body'>, string> = {
  querystring: 'query',
  params: 'path',
  headers: 'header',
};

/** The schema behind a reference to a component. */
const resolve = (schema: TSchema): TSchema =>
  typeof schema.$ref === 'string' ? (componentById(schema.$ref.replace('#', '')) ?? schema) : schema;

const articled = (type: string): string =>
  type === 'null' ? 'null' : type === 'integer' ? 'a whole number' : indefinite(type);

const typeNames = (types: readonly string[]): string =>
  types.map((type) => articled(type === 'array' ? 'list' : type)).join(' or ');

const counted = (count: unknown, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const quote = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text;
};

/** "the string \"10\"", "the number 3", "null", "an object". */
const described = (value: unknown): string => {
  switch (typeOf(value)) {
    case 'null':
      return 'null';
    case 'undefined':
      return 'nothing';
    case 'array':
      return 'a list';
    case 'object':
      return 'an object';
    case 'number':
      return Number.isFinite(value) ? `the number ${String(value)}` : 'a number too large for a 64-bit float';
    default:
      return `the ${typeof value} ${quote(value)}`;
  }
};

const segmentsOf = (instancePath: string): readonly string[] =>
  instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

export const pointerOf = (segments: readonly string[]): string =>
  `#${segments.map((segment) => `/${encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;

/** The field as people call it: "traffic.lengths[2].share". */
export const nameOf = (segments: readonly string[]): string =>
  segments.reduce(
    (name, segment) => (/^\d+$/.test(segment) ? `${name}[${segment}]` : name === '' ? segment : `${name}.${segment}`),
    '',
  );

const listed = (values: readonly unknown[]): string => values.map((value) => quote(value)).join(', ');

const hint = (value: unknown, choices: readonly string[]): string => {
  const near = typeof value === 'string' ? nearest(value, choices) : undefined;
  return near === undefined ? '' : ` Did you mean '${near}'?`;
};

const typeSentence = (name: string, error: SchemaError): string => {
  const types = [error.params.type].flat().map(String);
  const got = described(error.data);
  const numeric = types.includes('number') || types.includes('integer');
  const remedy =
    numeric && typeof error.data === 'string' && error.data.trim() !== '' && Number.isFinite(Number(error.data))
      ? '; remove the quotes'
      : types.includes('boolean') && (error.data === 'true' || error.data === 'false')
        ? '; remove the quotes'
        : types.includes('string') && typeof error.data === 'number'
          ? '; put it in quotes'
          : error.data === null && error.instancePath !== ''
            ? '; leave it out instead'
            : '';
  return `${name} must be ${typeNames(types)}, got ${got}${remedy}.`;
};

const formatNames: Record<string, string> = {
  'date-time': 'a date and time like 2026-11-24T00:00:00Z',
  date: 'a date like 2026-11-24',
  uuid: 'a UUID',
};

interface Finding {
  readonly segments: readonly string[];
  readonly rule: string;
  readonly detail: string;
  readonly choices?: readonly string[];
}

const propertiesOf = (error: SchemaError): Readonly<Record<string, TSchema>> =>
  (error.parentSchema?.properties ?? {}) as Record<string, TSchema>;

/** A slip of the keyboard, a field of this name one level down, or fields that begin alike. */
const nearestFields = (unknown: string, properties: Readonly<Record<string, TSchema>>): readonly string[] => {
  const known = Object.keys(properties);
  const near = nearest(unknown, known);
  if (near !== undefined) return [near];
  const deeper = Object.entries(properties).flatMap(([field, schema]) =>
    unknown in (resolve(schema).properties ?? {}) ? [`${field}.${unknown}`] : [],
  );
  return deeper.length > 0 ? deeper : sameBeginning(unknown, known);
};

/** Values of the tag that the members of a discriminated union carry. */
const tagsOf = (error: SchemaError): readonly string[] => {
  const members = (error.parentSchema?.oneOf ?? []) as readonly TSchema[];
  const tag = String(error.params.tag);
  return members.flatMap((member) => {
    const property = resolve(member).properties?.[tag] as TSchema | undefined;
    return property?.const === undefined ? ((property?.enum ?? []) as string[]) : [String(property.const)];
  });
};

/** One finding per Ajv error; undefined where the error only repeats another one. */
const findingOf = (error: SchemaError): Finding | undefined => {
  const segments = segmentsOf(error.instancePath);
  const name = segments.length === 0 ? 'The body' : nameOf(segments);
  const { params, data } = error;
  const finding = (rule: string, detail: string, choices?: readonly string[]): Finding => ({
    segments,
    rule,
    detail,
    ...(choices !== undefined && { choices }),
  });

  switch (error.keyword) {
    case 'required': {
      const missing = String(params.missingProperty);
      const description = propertiesOf(error)[missing]?.description;
      return {
        segments: [...segments, missing],
        rule: 'required',
        detail: `${nameOf([...segments, missing])} is required${description === undefined ? '.' : `: ${description}`}`,
      };
    }
    case 'additionalProperties': {
      const unknown = String(params.additionalProperty);
      const properties = propertiesOf(error);
      const known = Object.keys(properties);
      const near = nearestFields(unknown, properties);
      const place = segments.length === 0 ? '' : ` in ${name}`;
      const hint =
        near.length === 0
          ? `known are ${known.map((field) => `'${field}'`).join(', ')}.`
          : `did you mean ${near.map((field) => `'${field}'`).join(' or ')}?`;
      return {
        segments: [...segments, unknown],
        rule: 'unknown_field',
        detail: `Unknown field '${unknown}'${place}; ${hint}`,
      };
    }
    case 'type':
      return finding('type', typeSentence(name, error));
    case 'enum': {
      const allowed = ((params.allowedValues ?? []) as unknown[]).filter((value) => value !== null);
      const choices = allowed.map(String);
      const remedy = data === null ? '; leave it out instead' : '';
      return finding(
        'choice',
        `${name} must be one of ${listed(allowed)}; got ${described(data)}${remedy}.${hint(data, choices)}`,
        choices,
      );
    }
    case 'const':
      return finding('choice', `${name} must be ${quote(params.allowedValue)}, got ${described(data)}.`);
    case 'discriminator': {
      const choices = tagsOf(error);
      const tag = String(params.tag);
      const tagged: Finding = {
        segments: [...segments, tag],
        rule: params.tagValue === undefined ? 'required' : 'choice',
        detail: `${nameOf([...segments, tag])} must be one of ${listed(choices)}; got ${described(params.tagValue)}.${hint(params.tagValue, choices)}`,
        choices,
      };
      return tagged;
    }
    case 'minimum':
      return finding('minimum', `${name} must be at least ${params.limit}, got ${String(data)}.`);
    case 'maximum':
      return finding('maximum', `${name} must be at most ${params.limit}, got ${String(data)}.`);
    case 'exclusiveMinimum':
      return finding('minimum', `${name} must be more than ${params.limit}, got ${String(data)}.`);
    case 'exclusiveMaximum':
      return finding('maximum', `${name} must be less than ${params.limit}, got ${String(data)}.`);
    case 'multipleOf':
      return finding('multiple_of', `${name} must be a multiple of ${params.multipleOf}, got ${String(data)}.`);
    case 'minLength':
      return finding(
        'length',
        data === ''
          ? `${name} is empty; write something${exampleOf(error)}.`
          : `${name} must have at least ${counted(params.limit, 'character')}, got ${described(data)}.`,
      );
    case 'maxLength':
      return finding(
        'length',
        `${name} must have at most ${counted(params.limit, 'character')}, got ${described(data)}.`,
      );
    case 'minItems':
      return finding('items', `${name} must have at least ${counted(params.limit, 'item')}.`);
    case 'maxItems':
      return finding('items', `${name} must have at most ${counted(params.limit, 'item')}.`);
    case 'uniqueItems':
      return finding('items', `${name} must not name the same thing twice.`);
    case 'minProperties':
      return finding('items', `${name} must have at least ${counted(params.limit, 'field')}.`);
    case 'pattern':
      if (params.pattern === NOT_BLANK)
        return finding('pattern', `${name} is blank; write something${exampleOf(error)}.`);
      if (isDecimal(String(params.pattern))) {
        return finding(
          'pattern',
          `${name} is ${described(data)}, which is no decimal number from 0 on${exampleOf(error)}: digits with a point, no sign, exponent or thousands sign.`,
        );
      }
      return finding('pattern', patternSentence(name, error));
    case 'format':
      return finding(
        'format',
        `${name} must be ${formatNames[String(params.format)] ?? `a ${params.format}`}, got ${described(data)}.`,
      );
    case 'if':
      return undefined;
    default:
      return finding(error.keyword, `${name} ${error.message ?? 'does not match the contract'}.`);
  }
};

/** Money and rates: digits with a point, however many of them. */
const isDecimal = (pattern: string): boolean => pattern === DECIMAL || /^\^(\(0\|\[1-9\]|\[0-9\]).*\\\./.test(pattern);

/** Forms that people know by another name than their regular expression. */
const FORM_NAMES: Readonly<Record<string, string>> = {
  '^[A-Z]{2}$': 'a country as two capital letters (ISO 3166-1)',
  '^[A-Z]{3}$': 'a currency as three capital letters (ISO 4217)',
};

function patternSentence(name: string, error: SchemaError): string {
  const pattern = String(error.params.pattern);
  const got = described(error.data);
  const form = FORM_NAMES[pattern];
  if (form === undefined) return `${name} is ${got}, which does not have the form ${pattern}${exampleOf(error)}.`;
  const capitals = typeof error.data === 'string' ? error.data.toUpperCase() : '';
  const meant = new RegExp(pattern).test(capitals) ? `; write ${quote(capitals)}` : exampleOf(error);
  return `${name} must be ${form}, got ${got}${meant}.`;
}

const exampleOf = (error: SchemaError): string => {
  const examples = error.parentSchema?.examples;
  return Array.isArray(examples) && examples.length > 0 ? `, for example ${quote(examples[0])}` : '';
};

const acceptedTypes = (schema: TSchema): readonly string[] => {
  const target = resolve(schema);
  if (target.type !== undefined) return [target.type as string | readonly string[]].flat();
  return target.const !== undefined
    ? [typeOf(target.const)]
    : ((target.anyOf ?? []) as TSchema[]).flatMap(acceptedTypes);
};

const accepts = (schema: TSchema, value: unknown): boolean =>
  acceptedTypes(schema).some((type) => type === typeOf(value) || (type === 'integer' && typeof value === 'number'));

/** Ajv reports every alternative of an `anyOf` and then the `anyOf`; only the one that the caller meant is of use. */
const withoutRejectedAlternatives = (errors: readonly SchemaError[]): readonly SchemaError[] => {
  const kept: SchemaError[] = [];
  for (const error of errors) {
    if (error.keyword !== 'anyOf' && error.keyword !== 'oneOf') {
      kept.push(error);
      continue;
    }
    const alternatives = ((error.parentSchema?.[error.keyword] ?? []) as readonly TSchema[]).filter(
      (alternative) => alternative !== undefined,
    );
    const path = error.instancePath;
    const inside = (other: SchemaError) => other.instancePath === path || other.instancePath.startsWith(`${path}/`);
    const meant = alternatives.filter((alternative) => accepts(alternative, error.data));
    const first = kept.findIndex(inside);
    const nested = first === -1 ? [] : kept.splice(first).filter(inside);
    if (meant.length === 1) {
      kept.push(...nested.filter((other) => other.instancePath !== path || other.keyword !== 'type'));
    } else if (meant.length === 0) {
      const types = [...new Set(alternatives.flatMap(acceptedTypes))];
      kept.push({ ...error, keyword: 'type', params: { type: types } });
    } else {
      const names = alternatives.map(
        (alternative) => resolve(alternative).title ?? resolve(alternative).$id ?? 'unnamed',
      );
      kept.push({ ...error, message: `matches none of its forms (${names.join(', ')})` });
    }
  }
  return kept;
};

const duplicated = (error: SchemaError): boolean =>
  error.keyword === 'type' && Array.isArray(error.data) && ![error.params.type].flat().includes('array');

/** A field that is missing because its name is mistyped is better told by the unknown one, which says both. */
const hintsFirst = (found: readonly FieldError[]): readonly FieldError[] => {
  const isHint = ({ rule, detail }: FieldError): boolean => rule === 'unknown_field' && detail.includes('did you mean');
  return [...found.filter(isHint), ...found.filter((error) => !isHint(error))];
};

/**
 * At most 25 errors, one per place and rule, those that name a mistyped field first.
 * A missing body is reported by the caller as a problem of its own.
 */
export const fieldErrors = (errors: readonly SchemaError[], part: RequestPart): readonly FieldError[] => {
  const found = new Map<string, FieldError>();
  for (const error of withoutRejectedAlternatives(errors)) {
    const finding = findingOf(error);
    if (finding === undefined) continue;
    const { segments, rule, choices } = finding;
    const name = nameOf(segments);
    const place =
      part === 'body' ? { pointer: pointerOf(segments) } : { parameter: `${partNames[part]} ${name}`.trimEnd() };
    const given =
      part === 'querystring' && duplicated(error)
        ? { rule: 'duplicate', detail: `${name} is given ${(error.data as unknown[]).length} times; give it once.` }
        : part === 'querystring' && rule === 'unknown_field'
          ? { rule: 'unknown_parameter', detail: finding.detail.replace('Unknown field', 'Unknown query parameter') }
          : { rule, detail: part === 'body' ? finding.detail : finding.detail.replace('; remove the quotes', '') };
    const key = `${name}\n${given.rule}`;
    if (!found.has(key)) found.set(key, { ...place, ...given, ...(choices !== undefined && { choices }) });
    if (found.size === MAX_REPORTED) break;
  }
  return hintsFirst([...found.values()]);
};
