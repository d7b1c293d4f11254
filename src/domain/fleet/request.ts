/** A question for a mix of device types, and the question for one device that it is built on. */
import { type RequestFault, RequestFaultError, refuse } from '../estimate/request-fault.ts';
import type { InferenceRecommendationRequest } from '../recommendation/request.ts';
import type { RequestSize } from './request-sizes.ts';

export interface MixedFleetRequest
  extends Pick<InferenceRecommendationRequest, 'inference' | 'constraints' | 'purchase' | 'engines'> {
  /** Cut out of the two length distributions where absent. */
  readonly sizes?: readonly RequestSize[];
  readonly slicesPerSize?: number;
  /** Whether all of it stands in one place; one where absent. */
  readonly regions?: 'one' | 'any';
  /** Most device types in use. */
  readonly maxTypes?: number;
  /** Least share of requests on capacity that is not taken away, percent. */
  readonly steadySharePercent?: number;
  /** Load of each hour of the day, in any unit. */
  readonly hourlyLoad?: readonly number[];
}

/** The same load on devices of one kind. @throws RequestFaultError for a load by hour that says nothing, or is said twice */
export const onOneKind = (request: MixedFleetRequest): InferenceRecommendationRequest =>
  withSizes(withPeakOfHours(request), request.sizes);

/** Sizes that are given say how long requests are, also where devices are compared for all of them together. */
function withSizes(
  asked: InferenceRecommendationRequest,
  sizes: readonly RequestSize[] | undefined,
): InferenceRecommendationRequest {
  if (sizes === undefined) return asked;
  const histogram = (tokens: (size: RequestSize) => number) => ({
    histogram: sizes.map((size) => ({ tokens: tokens(size), share: size.share })),
  });
  return {
    ...asked,
    inference: {
      ...asked.inference,
      promptTokens: histogram(({ promptTokens }) => promptTokens),
      outputTokens: histogram(({ outputTokens }) => outputTokens),
    },
  };
}

/** A load by hour says how far the peak is above the mean. */
function withPeakOfHours(request: MixedFleetRequest): InferenceRecommendationRequest {
  const { inference, constraints, purchase, engines, hourlyLoad } = request;
  const rest = {
    ...(constraints !== undefined && { constraints }),
    ...(purchase !== undefined && { purchase }),
    ...(engines !== undefined && { engines }),
  };
  if (hourlyLoad === undefined) return { inference, ...rest };
  if (inference.traffic?.peakToMeanRatio !== undefined || inference.traffic?.activeHoursPerDay !== undefined) {
    refuse(
      '/hourlyLoad',
      'exclusive',
      'hourlyLoad says when requests come; leave peakToMeanRatio and activeHoursPerDay out.',
    );
  }
  const mean = hourlyLoad.reduce((all, load) => all + load, 0) / hourlyLoad.length;
  if (!(mean > 0)) refuse('/hourlyLoad', 'minimum', 'At least one hour needs a load above 0.');
  const peakToMeanRatio = Math.max(...hourlyLoad) / mean;
  return { inference: { ...inference, traffic: { ...inference.traffic, peakToMeanRatio } }, ...rest };
}

/** @throws RequestFaultError naming what devices of one kind are priced or counted by, and a mix is not: left alone it would be passed over */
export function checkMixable({ inference, constraints }: MixedFleetRequest): void {
  const faults: RequestFault[] = [];
  const notOfMix = (pointer: string, detail: string) => faults.push({ pointer, rule: 'unsupported_in_mix', detail });
  if (Object.values(inference.surcharges ?? {}).some((amount) => amount > 0)) {
    notOfMix(
      '/inference/surcharges',
      'A mix is priced by its hardware alone, budgets too: leave surcharges out and allow for them in the budget, or ask /v1/hardware-recommendations, which adds them.',
    );
  }
  if (inference.scaling?.mode === 'scale_to_zero') {
    notOfMix(
      '/inference/scaling/mode',
      'The machines of a mix are paid around the clock: leave scaling out and give hourlyLoad, which says what each hour takes, or ask /v1/hardware-recommendations, which scales to zero.',
    );
  }
  if (constraints?.availabilityPercent !== undefined) {
    notOfMix(
      '/constraints/availabilityPercent',
      'The spares of a mix are counted, not worked out from an availability: leave it out and give inference.objectives.spareReplicas, which each pool keeps.',
    );
  }
  if (faults.length > 0) throw new RequestFaultError(faults);
}
