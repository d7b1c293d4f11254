import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CatalogSnapshot } from '../../../../src/domain/catalog/snapshot.ts';
import { estimateInference } from '../../../../src/domain/inference/estimate.ts';
import type { InferenceRequest } from '../../../../src/domain/inference/request.ts';
import { AT, snapshot } from '../../seed.ts';

/** What is known of setups hangs on the model: of a copy nothing is known. */
const unasked = (): CatalogSnapshot => ({
  ...snapshot,
  model: (id) => {
    const model = snapshot.model(id);
    return model === undefined ? model : { ...model, architecture: { ...model.architecture } };
  },
});

const request: fc.Arbitrary<InferenceRequest> = fc.record(
  {
    model: fc.constantFrom('meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-70B', 'openai/gpt-oss-20b'),
    requestsPerDay: fc.integer({ min: 1, max: 20_000_000 }),
    device: fc.constantFrom('nvidia-h100-sxm5-80gb', 'nvidia-l4-24gb', 'intel-xeon-8480plus'),
    promptTokens: fc.record({ mean: fc.constantFrom(100, 1000, 20_000) }),
    outputTokens: fc.record({ mean: fc.constantFrom(1, 300) }),
    objectives: fc.record(
      { ttftMsP95: fc.constantFrom(100, 1000), maxUtilization: fc.constantFrom(0.5, 0.8) },
      { requiredKeys: [] },
    ),
    traffic: fc.record({ prefixCacheHitRate: fc.constantFrom(0, 0.5) }),
    serving: fc.record(
      { weightFormat: fc.constantFrom('fp8', 'int4'), tensorParallel: fc.constantFrom(1, 4) },
      { requiredKeys: [] },
    ),
    purchase: fc.record({ category: fc.constantFrom('on_demand', 'spot', 'owned') }),
    location: fc.record({ country: fc.constantFrom('US', 'AE') }),
  },
  { requiredKeys: ['model', 'requestsPerDay'] },
);

describe('what is known of the setups of a device', () => {
  it('changes no answer, whatever was asked before', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 2, maxLength: 6 }), (requests) => {
        const answers = requests.map((each) => estimateInference(snapshot, each, AT));
        requests.forEach((each, index) => {
          const again = estimateInference(snapshot, each, AT);
          const afresh = estimateInference(unasked(), each, AT);
          expect(JSON.stringify(again)).toBe(JSON.stringify(answers[index]));
          expect(JSON.stringify(afresh)).toBe(JSON.stringify(answers[index]));
        });
      }),
      { numRuns: 12 },
    );
  });
});
