/** One way to serve for less: what it changes, what it may cost in quality, and what must hold for it. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { FeasibleInference } from '../estimate-result.ts';
import type { InferenceRequest } from '../request.ts';
import type { OptimizationWishes } from './request.ts';
import type { Trial } from './trial.ts';

type OptionGroup =
  | 'weights'
  | 'pruning'
  | 'model'
  | 'batching'
  | 'prefix_cache'
  | 'response_cache'
  | 'speculation'
  | 'disaggregation'
  | 'device'
  | 'purchase'
  | 'edge';

/** Share of benchmark scores kept, percent. */
export interface Quality {
  readonly low: number;
  readonly typical: number;
  readonly high: number;
  readonly source: string;
}

export interface OptionContext {
  readonly snapshot: CatalogSnapshot;
  readonly at: string;
  readonly request: InferenceRequest;
  readonly wishes: OptimizationWishes;
  readonly base: FeasibleInference;
}

export interface FieldChange {
  /** JSON pointer into the inference request. */
  readonly field: string;
  readonly to: string | number | boolean;
}

export interface Optimization {
  readonly id: string;
  readonly label: string;
  /** Options of one group exclude each other. */
  readonly group: OptionGroup;
  /** computed: the estimate is run again with the change; sourced: the effect is a published figure. */
  readonly effect: 'computed' | 'sourced';
  readonly effectSource: string;
  readonly quality: Quality;
  readonly precondition: string;
  /** The gain rests on a figure of the traffic that the caller has not given. */
  readonly rests: (context: OptionContext) => boolean;
  /** The request has it already. */
  readonly applied: (context: OptionContext) => boolean;
  /** Why it cannot be had; null where it can. */
  readonly obstacle: (context: OptionContext) => string | null;
  readonly apply: (trial: Trial, context: OptionContext) => Trial;
  readonly remove: (trial: Trial, context: OptionContext) => Trial;
  readonly changes: (context: OptionContext) => readonly FieldChange[];
  /** A further sentence about the estimate with the option. */
  readonly remark?: (estimate: FeasibleInference) => string | null;
}

export const SAME_ANSWERS: Quality = { low: 100, typical: 100, high: 100, source: 'the answers are the same' };

/** Where an effect is computed, this is its source. */
export const COMPUTED = 'this service: the estimate run again with the change';

export const never = () => false;
export const unchanged = (trial: Trial): Trial => trial;

export const withServing = (trial: Trial, serving: InferenceRequest['serving']): Trial => ({
  ...trial,
  request: { ...trial.request, serving: { ...trial.request.serving, ...serving } },
});

export const isLanguage = ({ base }: OptionContext): boolean => base.performance.kind === 'language';
