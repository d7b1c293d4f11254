/**
 * What text that people read must keep up with, where a request names neither a device nor any latency. Without it the
 * cheapest device for a large model is a processor that writes a word every few seconds.
 */
import { type AssumptionLog, sourcedDefault } from '../../economics/assumption.ts';
import { latencyLimits } from '../latency-objectives.ts';
import type { InferenceRequest } from '../request.ts';

export const READING_PACE = sourcedDefault({
  id: 'objectives.time_per_output_token_ms_p95',
  field: '/objectives/timePerOutputTokenMsP95',
  value: 100,
  unit: 'ms',
  range: null,
  kind: 'assumed',
  source:
    'judgement: 10 tokens a second stay ahead of a reader; adults read 238 words of English a minute (Brysbaert, Journal of Memory and Language 109, 2019), some 5 tokens a second',
  reason: 'Neither a latency nor a device was asked for: what writes more slowly is left out.',
});

/** The request with the objective that goes without saying; a named device is judged as it is. */
export function atReadingPace(request: InferenceRequest, log: AssumptionLog): InferenceRequest {
  const { device, customDevice, objectives = {} } = request;
  if (device !== undefined || customDevice !== undefined || latencyLimits(objectives).length > 0) return request;
  const timePerOutputTokenMsP95 = log.resolve(undefined, READING_PACE).value;
  return { ...request, objectives: { ...objectives, timePerOutputTokenMsP95 } };
}

/** Said of an answer on a named device that is slower than what would have been looked for had none been named; null where it is not. */
export function slowerThanReading(
  { objectives = {} }: InferenceRequest,
  timePerOutputTokenMsP95: number,
): string | null {
  if (latencyLimits(objectives).length > 0 || timePerOutputTokenMsP95 <= READING_PACE.value) return null;
  return `Text comes more slowly than people read it (${READING_PACE.value} ms per token), since no latency was asked for: objectives.timePerOutputTokenMsP95 sets a limit.`;
}
