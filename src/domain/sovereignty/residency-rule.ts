/**
 * A regime's rule on places as data: the `evaluation` of its record's details in the catalog. A record without a readable
 * one is read from its kind of rule and its destinations, and says needs-counsel beyond them.
 */
import type { SovereigntyRegime } from '../catalog/places.ts';

export const VERDICTS = ['allowed', 'allowed-with-safeguard', 'needs-counsel', 'prohibited'] as const;
/** From free to forbidden. */
export type ResidencyVerdict = (typeof VERDICTS)[number];

const SITE_KINDS = ['device', 'edge', 'on-premises', 'colocation', 'cloud-region'] as const;
export type SiteKind = (typeof SITE_KINDS)[number];

export interface Outcome {
  readonly verdict: ResidencyVerdict;
  /** The rule in words, with its article. */
  readonly rule: string;
  /** What makes it lawful, or the duties that stay. */
  readonly safeguards: readonly string[];
  /** An authority must agree first. */
  readonly approval: boolean;
}

/** By where the data is. */
export interface Outcomes {
  readonly inside: Outcome;
  readonly listed: Outcome;
  readonly outside: Outcome;
  /** Outside, where the system of record or a backup of it is kept; `outside` where the text makes no difference. */
  readonly records: Outcome | null;
  /** Outside, for logs. */
  readonly logs: Outcome | null;
  readonly excluded: Outcome | null;
}

export interface OperatorRule {
  /** Nationalities that may operate; null: any but the excluded. */
  readonly countries: readonly string[] | null;
  readonly excluded: readonly string[];
  readonly outcome: Outcome;
}

export interface ResidencyRule {
  /** False for bills, proposals, guidance and rules in abeyance: they give no verdict. */
  readonly inForce: boolean;
  /** Whose data it protects; "*": anyone's. */
  readonly subjects: readonly string[];
  /** Parts of its country with a law of their own. */
  readonly exceptSubjects: readonly string[];
  /** Sectors it binds; null: all. A question that names no sector is bound. */
  readonly sectors: readonly string[] | null;
  /** Kinds of site it binds; null: all. */
  readonly sites: readonly SiteKind[] | null;
  /** Classes of data left to other laws. */
  readonly leaves: readonly string[];
  /** Places it speaks of; null: all. */
  readonly onlyAt: readonly string[] | null;
  readonly inside: readonly string[];
  readonly listed: readonly string[];
  /** Listed destinations that are free only on a condition. */
  readonly listedIf: Readonly<Record<string, string>>;
  readonly excluded: readonly string[];
  readonly outcomes: Outcomes;
  /** A backup counts as the system of record, as far as `records` goes. */
  readonly backupIsRecord: boolean;
  /** What differs for a class of data. */
  readonly byClass: Readonly<Record<string, Partial<Outcomes> & { readonly operator?: OperatorRule }>>;
  readonly operator: OperatorRule | null;
  /** The passage itself. */
  readonly quotation: string | null;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];

const textsOrNull = (value: unknown): readonly string[] | null => (Array.isArray(value) ? texts(value) : null);

function outcome(value: unknown): Outcome | null {
  if (!isObject(value) || typeof value.rule !== 'string') return null;
  const verdict = VERDICTS.find((known) => known === value.verdict);
  return verdict === undefined
    ? null
    : { verdict, rule: value.rule, safeguards: texts(value.safeguards), approval: value.approval === true };
}

function operatorRule(value: unknown): OperatorRule | null {
  const found = isObject(value) ? outcome(value.outcome) : null;
  return isObject(value) && found !== null
    ? { countries: textsOrNull(value.countries), excluded: texts(value.excluded), outcome: found }
    : null;
}

const OUTCOMES = ['inside', 'listed', 'outside', 'records', 'logs', 'excluded'] as const;

function partialOutcomes(value: Json): Partial<Outcomes> & { readonly operator?: OperatorRule } {
  const operator = operatorRule(value.operator);
  const found = OUTCOMES.flatMap((name) => {
    const given = outcome(value[name === 'inside' ? 'insideOutcome' : name]);
    return given === null ? [] : [[name, given]];
  });
  return { ...Object.fromEntries(found), ...(operator && { operator }) };
}

const read = new WeakMap<SovereigntyRegime, ResidencyRule>();

/** Read once for each record. */
export function residencyRule(regime: SovereigntyRegime): ResidencyRule {
  const known = read.get(regime);
  if (known !== undefined) return known;
  const rule = readResidencyRule(regime);
  read.set(regime, rule);
  return rule;
}

function readResidencyRule(regime: SovereigntyRegime): ResidencyRule {
  const evaluation = regime.details.evaluation;
  const value: Json = isObject(evaluation) ? evaluation : {};
  const given = partialOutcomes(value);
  const fallback = fallbackOutcomes(regime);
  const byClass = isObject(value.byClass) ? value.byClass : {};
  return {
    inForce: value.inForce !== false,
    subjects: textsOrNull(value.subjects) ?? [regime.jurisdiction],
    exceptSubjects: texts(value.exceptSubjects),
    sectors: textsOrNull(value.sectors),
    sites: textsOrNull(value.sites) as readonly SiteKind[] | null,
    leaves: texts(value.leaves),
    onlyAt: textsOrNull(value.onlyAt),
    inside: textsOrNull(value.inside) ?? [regime.jurisdiction],
    listed: regime.allowedDestinations,
    listedIf: isObject(value.listedIf) ? (value.listedIf as Record<string, string>) : {},
    excluded: texts(value.excludedDestinations),
    outcomes: {
      inside: given.inside ?? fallback.inside,
      listed: given.listed ?? fallback.listed,
      outside: given.outside ?? fallback.outside,
      records: given.records ?? null,
      logs: given.logs ?? null,
      excluded: given.excluded ?? null,
    },
    backupIsRecord: value.backupIsRecord !== false,
    byClass: Object.fromEntries(
      Object.entries(byClass).flatMap(([name, entry]) => (isObject(entry) ? [[name, partialOutcomes(entry)]] : [])),
    ),
    operator: operatorRule(value.operator),
    quotation: typeof value.quotation === 'string' ? value.quotation : null,
  };
}

/** What a record without an evaluation says: free only where it plainly is. */
function fallbackOutcomes({ name, ruleText, transferRule, safeguards }: SovereigntyRegime) {
  const rule = ruleText ?? `${name}: kind of rule on leaving the country: ${transferRule}`;
  const plain = (verdict: ResidencyVerdict): Outcome => ({ verdict, rule, safeguards, approval: false });
  return {
    inside: plain('allowed'),
    listed: plain('allowed'),
    outside: plain(transferRule === 'free' ? 'allowed' : 'needs-counsel'),
  };
}
