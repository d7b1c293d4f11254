/** Every assumption names the request field that overrides it: set to the same value there, it is no assumption any more. */

import { describe, expect, it } from 'vitest';
import type { Assumption } from '../../../src/domain/economics/assumption.ts';
import { changedRequest } from '../../../src/domain/estimate/changed-request.ts';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import type { InferenceRequest } from '../../../src/domain/inference/request.ts';
import { estimateTraining } from '../../../src/domain/training/estimate.ts';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import { snapshot } from '../seed.ts';

const AT = '2026-10-01T00:00:00.000Z';

type Fields = Record<string, unknown>;

interface Answer {
  readonly status: string;
  readonly assumptions: readonly Assumption[];
}

function stillAssumed(request: object, answer: (request: Fields) => Answer): string[] {
  const { status, assumptions } = answer(request as Fields);
  expect(status).toBe('feasible');
  expect(assumptions.length).toBeGreaterThan(5);
  // a version is that of an engine, which is named beside it
  const engine = assumptions.find(({ id }) => id === 'serving.engine')?.value;
  return assumptions
    .filter(({ id, field, value }) => {
      const changed = changedRequest(request as Fields, field, value);
      const named = field === '/serving/engineVersion' ? changedRequest(changed, '/serving/engine', engine) : changed;
      return answer(named).assumptions.some((other) => other.id === id);
    })
    .map(({ id, field }) => `${id} by ${field}`);
}

const inference: readonly (readonly [string, InferenceRequest])[] = [
  ['a chat service with nothing but a model and a load', { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000 }],
  [
    'one on owned hardware, with egress',
    {
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay: 100_000,
      device: 'nvidia-h100-sxm5-80gb',
      purchase: { category: 'owned' },
      location: { country: 'AE' },
      responseKilobytes: 4,
    },
  ],
];

const training: readonly (readonly [string, TrainingRequest])[] = [
  [
    'a pretraining run',
    { model: 'meta-llama/Llama-3.1-8B', tokens: 1e12, device: 'nvidia-h100-sxm5-80gb', cluster: { devices: 256 } },
  ],
  [
    'one on owned hardware',
    {
      model: 'meta-llama/Llama-3.1-8B',
      tokens: 1e12,
      device: 'nvidia-h100-sxm5-80gb',
      cluster: { devices: 256 },
      purchase: { category: 'owned' },
    },
  ],
];

describe('assumptions of inference', () => {
  it.each(inference)('%s', (_name, request) => {
    const answer = (fields: Fields): Answer =>
      estimateInference(snapshot, fields as unknown as InferenceRequest, AT) as Answer;
    expect(stillAssumed(request, answer)).toEqual([]);
  });
});

describe('assumptions of training', () => {
  it.each(training)(
    '%s',
    (_name, request) => {
      const answer = (fields: Fields): Answer =>
        estimateTraining(snapshot, fields as unknown as TrainingRequest, AT) as Answer;
      expect(stillAssumed(request, answer)).toEqual([]);
    },
    60_000,
  );
});
