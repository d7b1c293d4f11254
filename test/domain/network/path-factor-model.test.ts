import { describe, expect, it } from 'vitest';
import { cityPairs, MEASURED_ROUND_TRIPS } from '../../../src/domain/network/measured-round-trips.ts';
import modelFile from '../../../src/domain/network/path-factor-model.json' with { type: 'json' };
import { pathFactorModel } from '../../../src/domain/network/path-factor-model.ts';
import { solveWeights } from '../../validation/network/fit-path-factors.ts';

const { baseline, covariance } = modelFile;

describe('the committed path-factor model', () => {
  const pairs = cityPairs(MEASURED_ROUND_TRIPS);

  it('is the one of the committed measurements', () => {
    const { weights } = solveWeights(pairs, baseline, covariance);
    expect(Object.keys(modelFile.weights)).toEqual(Object.keys(weights));
    const committed = modelFile.weights as Record<string, number>;
    const largest = Math.max(
      ...Object.entries(weights).map(
        ([key, weight]) => Math.abs(weight - (committed[key] as number)) / (1 + Math.abs(weight)),
      ),
    );
    expect(largest).toBeLessThan(1e-6);
  });

  it('comes near the measured pairs it knows', () => {
    const model = pathFactorModel(pairs, baseline, covariance, modelFile.weights);
    const errors = pairs
      .map((pair) => Math.abs(model.predict(pair.from, pair.to).ms / pair.ms - 1))
      .sort((a, b) => a - b);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.03);
  });
});
