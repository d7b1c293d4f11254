/**
 * What text that people read must keep up with, where a request names neither a device nor how fast it must answer.
 * Without it the cheapest device for a large model is a processor that writes a word every few seconds.
 */
import { type AssumptionLog, type SourcedDefault, sourcedDefault } from '../economics/assumption.ts';
import { latencyLimits } from './latency-objectives.ts';
import type { InferenceRequest, Objectives } from './request.ts';

export const READING_PACE = sourcedDefault({
  id: 'objectives.time_per_output_token_ms_p95',
  field: '/objectives/timePerOutputTokenMsP95',
  value: 200,
  unit: 'ms',
  range: null,
  kind: 'sourced',
  source:
    'adults read 238 words of English a minute in silence (Brysbaert, Journal of Memory and Language 109, 2019); 0.75 words a token make that 189 ms a token',
  reason: 'No device was named and no pace asked for: devices that write slower than people read are left out.',
});

export const PATIENCE = sourcedDefault({
  id: 'objectives.ttft_ms_p95',
  field: '/objectives/ttftMsP95',
  value: 10_000,
  unit: 'ms',
  range: null,
  kind: 'sourced',
  source:
    'ten seconds keep the attention of somebody who waits for an answer (Nielsen, Usability Engineering, 1993, chapter 5)',
  reason: 'No device was named and no wait stated: devices that keep people waiting longer are left out.',
});

/** The request with the objectives that go without saying; a named device is judged as it is. */
export function atReadingPace(request: InferenceRequest, log: AssumptionLog): InferenceRequest {
  if (request.device !== undefined || request.customDevice !== undefined) return request;
  const given = request.objectives ?? {};
  const figures = new Set(latencyLimits(given).map(({ figure }) => figure));
  if (figures.has('end_to_end')) return request;
  const resolved = (entry: SourcedDefault) => log.resolve(undefined, entry).value;
  const objectives: Objectives = {
    ...given,
    ...(!figures.has('ttft') && { ttftMsP95: resolved(PATIENCE) }),
    ...(!figures.has('tpot') && { timePerOutputTokenMsP95: resolved(READING_PACE) }),
  };
  return { ...request, objectives };
}
