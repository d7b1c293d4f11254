/**
 * Law on where data may be, as data. `evaluateResidency` gives one verdict for each regime and location; `exportControl` says
 * whether an accelerator may go to a place and an end user. LEGAL_NOTICE goes with every answer.
 */
export { DATA_CLASSES, isDataClass } from './data-classes.ts';
export {
  evaluateResidency,
  LEGAL_NOTICE,
  type RegimeVerdict,
  type ResidencyQuestion,
  severityOf,
  type VerdictLocation,
} from './evaluate.ts';
export { type ExportVerdict, exportControl, totalProcessingPerformance } from './export-control.ts';
export { countryOf, partsWithOwnLaw } from './jurisdiction.ts';
export type { ResidencyVerdict, SiteKind } from './residency-rule.ts';
export { knownSectors } from './sectors.ts';
