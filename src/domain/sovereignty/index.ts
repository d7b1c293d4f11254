/**
 * Law on where data may be, as data. `evaluateResidency` gives one verdict per regime and location; `strictest` the answer
 * of them all; `pendingRegimes` what is not law yet; `exportControl` whether
 * an accelerator may go to a place and an end user.
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
export {
  type EndUser,
  type ExportVerdict,
  exportControl,
  totalProcessingPerformance,
} from './export-control.ts';
export { countryOf } from './jurisdiction.ts';
export { type ResidencyVerdict, SITE_KINDS, type SiteKind, VERDICTS } from './residency-rule.ts';
