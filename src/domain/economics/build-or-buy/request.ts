/** The question whether to serve a model or to buy its tokens: an inference question, and what is known of the buying. */
import type { InferenceRequest } from '../../inference/request.ts';

interface Buying {
  /** Catalog offers of other models that would do as well, for example "openai/global/gpt-4.1-mini". */
  readonly alternativeOffers?: readonly string[];
  /** Share of requests that may wait for hours, 0 to 1. */
  readonly batchShare?: number;
}

export interface BuildOrBuyRequest extends InferenceRequest {
  readonly buying?: Buying;
}
