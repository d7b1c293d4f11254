/** A lifecycle question as the caller asks it: one service over its years. Model and load are enough. */
import type { CustomLanguageModel, CustomVisionModel } from '../estimate/selectors.ts';
import type { InferenceRequest } from '../inference/request.ts';
import type { TrainingRequest } from '../training/request.ts';

type ModelField = 'model' | 'customLanguageModel' | 'customVisionModel';

/** How the model is trained: a training question without its model. */
export type LifecycleTraining = Omit<TrainingRequest, ModelField>;
/** How it is served: an inference question without its model and load. */
export type LifecycleInference = Omit<InferenceRequest, ModelField | 'requestsPerDay'>;

interface Growth {
  readonly percentPerYear?: number;
  /** 80 % range of the growth; none where absent. */
  readonly lowPercentPerYear?: number;
  readonly highPercentPerYear?: number;
  readonly maximumRequestsPerDay?: number;
  /** Relative load of January to December. */
  readonly seasonality?: readonly number[];
}

export interface Retraining {
  readonly everyMonths: number;
  /** What differs from the first training; repeated without its experiments where absent. */
  readonly training?: Partial<LifecycleTraining>;
}

interface HardwarePrices {
  readonly declinePercentPerYear?: number;
}

/** A change that is rolled out at a date. */
export interface Rollout {
  readonly name: string;
  /** 1 is the first month of service. */
  readonly fromMonth: number;
  /** Another model serves from then on. */
  readonly model?: string;
  /** What differs in serving from then on; estimated anew. */
  readonly inference?: Partial<LifecycleInference>;
  /** What the caller measured of the change: device time per request after over before. */
  readonly deviceTimeFactor?: number;
  /** Decimal string. */
  readonly oneTimeUsd?: string;
}

export interface Staff {
  readonly engineers?: number;
  readonly usdPerEngineerYear?: number;
}

interface MonteCarlo {
  readonly draws?: number;
  readonly seed?: number;
}

export interface LifecycleRequest {
  readonly model?: string;
  readonly customLanguageModel?: CustomLanguageModel;
  readonly customVisionModel?: CustomVisionModel;
  /** In the first month, seasonality aside. */
  readonly requestsPerDay: number;
  /** Absent: the model is taken as it is. */
  readonly training?: LifecycleTraining;
  readonly inference?: LifecycleInference;
  /** ISO date of the first day of service; the time of pricing where absent. */
  readonly launchOn?: string;
  readonly horizonMonths?: number;
  readonly growth?: Growth;
  readonly retraining?: Retraining;
  readonly hardwarePrices?: HardwarePrices;
  readonly rollouts?: readonly Rollout[];
  readonly staff?: Staff;
  readonly discountRatePercent?: number;
  /** Decimal string: what a request is worth; turns costs into a net present value of the service. */
  readonly valueUsdPerRequest?: string;
  readonly monteCarlo?: MonteCarlo;
}
