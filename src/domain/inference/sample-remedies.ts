/** Changes that may let some device run a model that works by the sample, best first. */
import { MILLISECONDS_PER_SECOND } from '../units.ts';
import type { Remedy } from './remedies.ts';
import type { InferenceRequest } from './request.ts';
import type { SampleRejection } from './sample-choice.ts';

/** So that the objective still holds once rounded. */
const MARGIN = 1.05;
/** Devices whose missed objective is tried. */
const NEAREST_MISSES = 5;

export function* sampleRemedies(
  request: InferenceRequest,
  rejections: readonly SampleRejection[],
): Generator<readonly Remedy[]> {
  const reached = rejections
    .flatMap((rejection) =>
      rejection.kind === 'objective_missed' ? [rejection.plan.perDevice.latencySeconds.p95] : [],
    )
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  for (const seconds of reached.slice(0, NEAREST_MISSES)) {
    yield [
      {
        field: '/objectives/endToEndMsP95',
        from: request.objectives?.endToEndMsP95 ?? null,
        to: Math.ceil(seconds * MARGIN * MILLISECONDS_PER_SECOND),
      },
    ];
  }
  const formats = rejections.flatMap((rejection) =>
    rejection.kind === 'refused'
      ? rejection.refusals.flatMap(({ code, alternatives }) => (code === 'format_not_runnable' ? alternatives : []))
      : [],
  );
  for (const format of new Set(formats)) {
    yield [{ field: '/serving/weightFormat', from: request.serving?.weightFormat ?? null, to: format }];
  }
}
