/** Changes that may let some device run a model that works by the sample, best first. */
import { MILLISECONDS_PER_SECOND } from '../../units.ts';
import type { Remedy } from '../remedies.ts';
import type { InferenceRequest } from '../request.ts';
import { missedBy, type SampleRejection } from './choice.ts';

/** So that the objective still holds once rounded. */
const MARGIN = 1.05;
/** Devices whose missed objective is tried. */
const NEAREST_MISSES = 5;

export function* sampleRemedies(
  request: InferenceRequest,
  rejections: readonly SampleRejection[],
): Generator<readonly Remedy[]> {
  const reached = rejections
    .flatMap((rejection) => {
      if (rejection.kind !== 'objective_missed' || rejection.plan.missed === null) return [];
      const seconds = missedBy(rejection.plan);
      return Number.isFinite(seconds) ? [{ seconds, limit: rejection.plan.missed }] : [];
    })
    .sort((a, b) => a.seconds / a.limit.seconds - b.seconds / b.limit.seconds);
  for (const { seconds, limit } of reached.slice(0, NEAREST_MISSES)) {
    yield [
      {
        field: `/objectives/${limit.field}`,
        from: limit.seconds * MILLISECONDS_PER_SECOND,
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
