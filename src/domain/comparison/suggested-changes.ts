/** Changes of the request that make the next estimate start from what was measured. */
import { type Actuals, type ActualsKind, actualRate, type Fields, inputOf } from './actuals.ts';
import type { ComparedAnswer } from './compared-answer.ts';

export interface SuggestedChange {
  readonly field: string;
  readonly to: number | string;
  readonly reason: string;
}

export function suggestedChanges(
  kind: ActualsKind,
  request: Fields,
  actuals: Actuals,
  periodDays: number | null,
  estimate: ComparedAnswer,
  deviceId: string | null,
): SuggestedChange[] {
  const changes: SuggestedChange[] = [];
  if (kind === 'inference' && periodDays !== null) {
    const { requests = Number(request.requestsPerDay) * periodDays } = actuals;
    if (actuals.requests !== undefined) {
      const perDay = actuals.requests / periodDays;
      changes.push({ field: '/requestsPerDay', to: perDay, reason: 'Requests as they were counted.' });
    }
    const reason =
      actuals.requests === undefined
        ? 'Mean length of the tokens counted over the requests that were asked for; give requests as well.'
        : 'Mean length as it was counted.';
    for (const [field, tokens] of [
      ['/promptTokens/mean', actuals.promptTokens],
      ['/outputTokens/mean', actuals.outputTokens],
    ] as const) {
      if (tokens !== undefined && tokens > 0) changes.push({ field, to: tokens / requests, reason });
    }
  }
  if (kind === 'training' && actuals.trainingTokens !== undefined && request.tokens !== undefined) {
    changes.push({ field: '/tokens', to: actuals.trainingTokens, reason: 'Tokens as they were counted.' });
  }
  const rate = actualRate(actuals);
  if (rate !== null && inputOf(estimate, 'pricePerDeviceHour') !== null && deviceId !== null) {
    if (request.device === undefined && request.customDevice === undefined) {
      changes.push({ field: '/device', to: deviceId, reason: 'The rate holds for the device that was estimated.' });
    }
    changes.push({
      field: '/purchase',
      to: JSON.stringify({ usdPerDeviceHour: rate.toFixed(6) }),
      reason: 'Paid per device-hour.',
    });
  }
  return changes;
}
