/**
 * Law on where data may be, as data. `evaluateResidency` gives one verdict per regime and location; `strictest` the answer
 * of them all; `pendingRegimes` what is not law yet.
 * LEGAL_NOTICE goes with every answer.
 */
export { DATA_CLASSES, type DataClass, isDataClass } from './data-classes.ts';
export {
  evaluateResidency,
  LEGAL_NOTICE,
  pendingRegimes,
  type RegimeVerdict,
  type ResidencyQuestion,
  severityOf,
  strictest,
  type VerdictLocation,
} from './evaluate.ts';
export { countryOf } from './jurisdiction.ts';
export { type ResidencyVerdict, SITE_KINDS, type SiteKind, VERDICTS } from './residency-rule.ts';
