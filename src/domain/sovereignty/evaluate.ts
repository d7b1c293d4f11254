/**
 * Whether the law lets data be where a plan puts it, regime by regime. Rules are data (residency-rule.ts); this applies
 * them and fails closed: what is not known needs counsel, a regime that nobody has verified answers nothing else, and one
 * read only at second hand answers with a flag. Not legal advice.
 */
import type { SovereigntyRegime } from '../catalog/places.ts';
import { type DataClass, isDataClass, lineage } from './data-classes.ts';
import { countryOf, liesIn } from './jurisdiction.ts';
import {
  type OperatorRule,
  type Outcome,
  type Outcomes,
  type ResidencyRule,
  type ResidencyVerdict,
  residencyRule,
  type SiteKind,
  VERDICTS,
} from './residency-rule.ts';

export const LEGAL_NOTICE =
  'Not legal advice: rules as read on the dates given, to be confirmed by counsel before anything depends on them';

/** Data that is nobody's personal data and that states guard all the same: where no rule was read, none is known. */
const GUARDED_CLASSES: readonly string[] = ['government', 'critical'];

/** Data without subjects' rights, of which only its own regimes speak. */
const OPEN_CLASSES: readonly string[] = ['public', 'non-personal'];

export type VerdictLocation = 'processing' | 'backup' | 'logs';

export interface ResidencyQuestion {
  /** Of DATA_CLASSES; any other name needs counsel. */
  readonly dataClasses: readonly string[];
  /** Whose data it is: countries, or parts with a law of their own ("AE-DIFC", "US-FL"). */
  readonly subjectCountries: readonly string[];
  /** Of the organization: "banking", "payments", "insurance", "securities", "health", "telecom"... */
  readonly sector?: string | undefined;
  readonly processingCountry: string;
  /** Nationality of whoever operates the site and its control plane. */
  readonly operatorCountry?: string | undefined;
  /** Undefined: no copy elsewhere. Null: not known. */
  readonly backupCountry?: string | null | undefined;
  /** Undefined: logs stay where the data is processed. Null: not known. */
  readonly logCountry?: string | null | undefined;
  readonly siteKind: SiteKind;
  /** The system of record is kept there, not only a copy in use while processing. */
  readonly holdsRecords?: boolean | undefined;
}

export interface RegimeVerdict {
  readonly regimeId: string;
  readonly name: string;
  readonly verdict: ResidencyVerdict;
  /** What the regime says of this case, in words, with its article. */
  readonly rule: string;
  /** Passage of the text itself; null where it was not read or is not public. */
  readonly quotation: string | null;
  readonly citation: string | null;
  /** What makes it lawful, or the duties that stay. */
  readonly safeguards: readonly string[];
  readonly approvalRequired: boolean;
  /** Planning figure; null where nothing needs approval or no figure is known. */
  readonly approvalDays: number | null;
  readonly reviewState: SovereigntyRegime['reviewState'];
  /** Read at second hand, or not verified: have it checked. */
  readonly reviewFlag: boolean;
  readonly location: VerdictLocation;
  /** Date of the reading. */
  readonly asOf: string | null;
}

/** One verdict for each regime that has something to say of each location; `none` in the catalog stands for no rule at all. */
export function evaluateResidency(question: ResidencyQuestion, regimes: readonly SovereigntyRegime[]): RegimeVerdict[] {
  const verdicts = regimes.flatMap((regime) => verdictsOf(question, regime, residencyRule(regime)));
  return [...verdicts, ...unknowns(question, regimes)];
}

export const severityOf = (verdict: ResidencyVerdict): number => VERDICTS.indexOf(verdict);

function verdictsOf(question: ResidencyQuestion, regime: SovereigntyRegime, rule: ResidencyRule): RegimeVerdict[] {
  if (!rule.inForce || !protects(question, rule) || !binds(question, rule)) return [];
  const classes = coveredClasses(question, regime, rule);
  if (classes.length === 0) return [];
  return locationsOf(question, regime).flatMap(({ location, place }) => {
    if (place !== null && rule.onlyAt !== null && !liesIn(place, rule.onlyAt)) return [];
    const outcomes = classes.flatMap((dataClass) => outcomesAt(question, rule, dataClass, location, place));
    const worst = outcomes.reduce((one, other) => (severityOf(other.verdict) > severityOf(one.verdict) ? other : one));
    return [verdict(regime, rule, worst, location)];
  });
}

/** Whether any of the data subjects is under the regime. */
const protects = ({ subjectCountries }: ResidencyQuestion, { subjects, exceptSubjects }: ResidencyRule): boolean =>
  (subjects.includes('*') && subjectCountries.length === 0) ||
  subjectCountries.some(
    (subject) => (subjects.includes('*') || liesIn(subject, subjects)) && !exceptSubjects.includes(subject),
  );

const binds = ({ sector, siteKind }: ResidencyQuestion, { sectors, sites }: ResidencyRule): boolean =>
  (sectors === null || sector === undefined || sectors.includes(sector)) &&
  (sites === null || sites.includes(siteKind));

function coveredClasses(
  { dataClasses }: ResidencyQuestion,
  { scope }: SovereigntyRegime,
  { leaves }: ResidencyRule,
): DataClass[] {
  return dataClasses.filter(isDataClass).filter((dataClass) => {
    const kinds = lineage(dataClass);
    return covers(scope, kinds) && !kinds.some((kind) => leaves.includes(kind));
  });
}

/** A scope in words that are not classes of data may mean any but open data. */
const covers = (scope: readonly string[], kinds: readonly DataClass[]): boolean =>
  kinds.some((kind) => scope.includes(kind)) ||
  (scope.some((name) => !isDataClass(name)) && !kinds.some((kind) => OPEN_CLASSES.includes(kind)));

interface Location {
  readonly location: VerdictLocation;
  /** Null: not known. */
  readonly place: string | null;
}

function locationsOf(question: ResidencyQuestion, regime: SovereigntyRegime): Location[] {
  const { processingCountry, backupCountry, logCountry } = question;
  return [
    { location: 'processing', place: processingCountry },
    ...(backupCountry !== undefined && regime.backupLocationMatters !== false
      ? [{ location: 'backup' as const, place: backupCountry }]
      : []),
    ...(logCountry !== undefined && regime.logLocationMatters !== false
      ? [{ location: 'logs' as const, place: logCountry }]
      : []),
  ];
}

function outcomesAt(
  question: ResidencyQuestion,
  rule: ResidencyRule,
  dataClass: DataClass,
  location: VerdictLocation,
  place: string | null,
): Outcome[] {
  const special = lineage(dataClass).find((kind) => rule.byClass[kind] !== undefined);
  const differing = special === undefined ? {} : rule.byClass[special];
  const outcomes: Outcomes = { ...rule.outcomes, ...differing };
  if (place === null) return outcomes.outside.verdict === 'allowed' ? [outcomes.outside] : [unknownPlace(location)];
  const keepsRecords = location === 'backup' ? rule.backupIsRecord : question.holdsRecords === true;
  const found = placeOutcome(rule, outcomes, location, place, keepsRecords);
  const operator = location === 'processing' ? operatorOutcome(question, differing?.operator ?? rule.operator) : null;
  return operator === null ? [found] : [found, operator];
}

function placeOutcome(
  rule: ResidencyRule,
  outcomes: Outcomes,
  location: VerdictLocation,
  place: string,
  keepsRecords: boolean,
): Outcome {
  if (liesIn(place, rule.inside)) return outcomes.inside;
  if (outcomes.excluded !== null && liesIn(place, rule.excluded)) return outcomes.excluded;
  if (location === 'logs' && outcomes.logs !== null) return outcomes.logs;
  if (liesIn(place, rule.listed)) {
    const condition = rule.listedIf[place] ?? rule.listedIf[countryOf(place)];
    return condition === undefined
      ? outcomes.listed
      : {
          ...outcomes.listed,
          verdict: 'allowed-with-safeguard',
          safeguards: [condition, ...outcomes.listed.safeguards],
        };
  }
  return keepsRecords && outcomes.records !== null ? outcomes.records : outcomes.outside;
}

function operatorOutcome({ operatorCountry }: ResidencyQuestion, rule: OperatorRule | null): Outcome | null {
  if (rule === null) return null;
  if (operatorCountry === undefined)
    return {
      verdict: 'needs-counsel',
      rule: `The nationality of the operator decides and is not known: ${rule.outcome.rule}`,
      safeguards: [],
      approval: false,
    };
  const barred =
    liesIn(operatorCountry, rule.excluded) || (rule.countries !== null && !liesIn(operatorCountry, rule.countries));
  return barred ? rule.outcome : null;
}

const unknownPlace = (location: VerdictLocation): Outcome => ({
  verdict: 'needs-counsel',
  rule: `Where the ${location === 'logs' ? 'logs' : 'backup'} will be is not known, and the regime restricts it`,
  safeguards: [],
  approval: false,
});

function verdict(
  regime: SovereigntyRegime,
  rule: ResidencyRule,
  found: Outcome,
  location: VerdictLocation,
): RegimeVerdict {
  const unverified = regime.reviewState === 'unverified';
  return {
    regimeId: regime.id,
    name: regime.name,
    verdict: unverified ? 'needs-counsel' : found.verdict,
    rule: unverified ? `Nobody has verified this regime. ${found.rule}` : found.rule,
    quotation: rule.quotation,
    citation: regime.citation,
    safeguards: found.safeguards,
    approvalRequired: found.approval,
    approvalDays: found.approval ? regime.approvalDays : null,
    reviewState: regime.reviewState,
    reviewFlag: regime.reviewState !== 'verified',
    location,
    asOf: regime.asOf,
  };
}

/** Classes this service does not know, and countries of whose law it knows nothing. */
function unknowns(question: ResidencyQuestion, regimes: readonly SovereigntyRegime[]): RegimeVerdict[] {
  const unknownClasses = question.dataClasses.filter((name) => !isDataClass(name));
  const closed = question.dataClasses.some((name) => !OPEN_CLASSES.includes(name));
  const rules = closed ? regimes.map(residencyRule) : [];
  const unknownCountries = closed
    ? question.subjectCountries.filter(
        (subject) => !rules.some((rule) => !rule.subjects.includes('*') && liesIn(subject, rule.subjects)),
      )
    : [];
  const known = question.subjectCountries.filter((subject) => !unknownCountries.includes(subject));
  const unread = question.dataClasses
    .filter(isDataClass)
    .filter((dataClass) => !OPEN_CLASSES.includes(dataClass) && dataClass !== 'government-public')
    .flatMap((dataClass) =>
      known
        .filter((subject) => !isSpokenOf(question, dataClass, subject, regimes))
        .map((subject) => ({ dataClass, subject })),
    );
  return [
    ...unread.map(({ dataClass, subject }) =>
      needsCounsel(
        `unknown-rule:${subject}:${dataClass}`,
        `No rule of ${subject} on where ${dataClass} data may be is in the catalog${question.sector === undefined ? '' : ` for an organization in ${question.sector}`}`,
      ),
    ),
    ...unknownClasses.map((name) =>
      needsCounsel(`unknown-class:${name}`, `No rule is known for data of class ${name}`),
    ),
    ...unknownCountries.map((name) =>
      needsCounsel(`unknown-country:${name}`, `No data-protection or localization regime of ${name} is in the catalog`),
    ),
  ];
}

/**
 * Whether a regime of the subject's own speaks of the class in this case, whatever it says. One for another trade or for clouds
 * alone has nothing against what stays in its country with copies and logs. A bill speaks too, but not of data that states guard: there is no law yet.
 */
function isSpokenOf(
  question: ResidencyQuestion,
  dataClass: DataClass,
  subject: string,
  regimes: readonly SovereigntyRegime[],
): boolean {
  const ofSubject = { ...question, dataClasses: [dataClass], subjectCountries: [subject] };
  const isGuarded = lineage(dataClass).some((kind) => GUARDED_CLASSES.includes(kind));
  return regimes.some((regime) => {
    const rule = residencyRule(regime);
    return (
      !rule.subjects.includes('*') &&
      protects(ofSubject, rule) &&
      coveredClasses(ofSubject, regime, rule).length > 0 &&
      (rule.inForce ? binds(question, rule) || staysInside(question, rule) : !isGuarded)
    );
  });
}

/** A copy or a log at a place not known may be outside. */
const staysInside = ({ processingCountry, backupCountry, logCountry }: ResidencyQuestion, { inside }: ResidencyRule) =>
  [processingCountry, backupCountry, logCountry].every(
    (place) => place === undefined || (place !== null && liesIn(place, inside)),
  );

const needsCounsel = (regimeId: string, rule: string): RegimeVerdict => ({
  regimeId,
  name: 'Not in the catalog',
  verdict: 'needs-counsel',
  rule,
  quotation: null,
  citation: null,
  safeguards: [],
  approvalRequired: false,
  approvalDays: null,
  reviewState: 'unverified',
  reviewFlag: true,
  location: 'processing',
  asOf: null,
});
