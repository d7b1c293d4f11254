/** Bodies with the config.json of a checkpoint: the same answer as with the model stated, wherever a question may stand. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/http/application.ts';
import { problemOf, testApp } from './application.ts';
import { seededCatalog } from './seeded-catalog.ts';

let app: App;
beforeAll(async () => {
  app = await testApp({ catalog: seededCatalog });
});
afterAll(() => app.close());

const post = (url: string, payload: object) =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(payload),
  });

const huggingFaceConfig = {
  model_type: 'llama',
  hidden_size: 4096,
  intermediate_size: 14_336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  vocab_size: 128_256,
  max_position_embeddings: 131_072,
  tie_word_embeddings: false,
  rope_scaling: { factor: 8, rope_type: 'llama3' },
};
const customLanguageModel = {
  name: 'llama',
  family: 'llama',
  layers: 32,
  hiddenSize: 4096,
  ffnHiddenSize: 14_336,
  vocabularySize: 128_256,
  attentionHeads: 32,
  gatedFfn: true,
  tiedEmbeddings: false,
  maxContextTokens: 131_072,
  kvHeads: 8,
};
const pricingAt = '2026-11-24T00:00:00.000Z';
const load = { requestsPerDay: 100_000, device: 'nvidia-h100-sxm5-80gb' };
const run = { tokens: 1e10, device: 'nvidia-h100-sxm5-80gb' };

describe('a config.json', () => {
  it.each([
    ['/v1/estimates/inference', (model: object) => ({ ...model, ...load, pricingAt })],
    ['/v1/estimates/training', (model: object) => ({ ...model, ...run, pricingAt })],
    ['/v1/estimates/lifecycle', (model: object) => ({ ...model, requestsPerDay: 100_000, pricingAt })],
    ['/v1/hardware-recommendations', (model: object) => ({ inference: { ...model, requestsPerDay: 1e5 }, pricingAt })],
    [
      '/v1/estimates:batch',
      (model: object) => ({ estimates: [{ kind: 'inference', request: { ...model, ...load, pricingAt } }] }),
    ],
    [
      '/v1/comparisons',
      (model: object) => ({
        questions: [
          { kind: 'inference', request: { ...model, ...load, pricingAt } },
          { kind: 'inference', request: { model: 'meta-llama/Llama-3.1-8B', ...load, pricingAt } },
        ],
      }),
    ],
    [
      '/v1/deployment-placements',
      (model: object) => ({
        components: [{ id: 'chat', ...model, requestsPerDay: 50_000 }],
        userGroups: [{ country: 'DE' }],
        pricingAt,
      }),
    ],
  ] as [string, (model: object) => object][])(
    'gives the answer of the model that it describes: %s',
    async (url, body) => {
      const read = await post(url, body({ huggingFaceConfig }));
      expect(read.statusCode, read.body).toBe(200);
      const stated = await post(url, body({ customLanguageModel }));
      expect(read.body).toBe(stated.body);
    },
  );

  it('is given back as what was read of it', async () => {
    const { request } = (await post('/v1/estimates/inference', { huggingFaceConfig, ...load })).json();
    expect(request.customLanguageModel).toEqual(customLanguageModel);
    expect(request.huggingFaceConfig).toBeUndefined();
  });

  it.each([
    ['#/huggingFaceConfig/hidden_size', 'type', { hidden_size: '4096' }],
    ['#/huggingFaceConfig', 'maximum', { vocab_size: 1e9 }],
    ['#/huggingFaceConfig', 'divides', { num_key_value_heads: 7 }],
    [
      '#/huggingFaceConfig/quantization_config/quant_method',
      'unsupported_format',
      { quantization_config: { quant_method: 'x' } },
    ],
  ])('is refused at %s (%s)', async (pointer, rule, wrong) => {
    const response = await post('/v1/estimates/inference', {
      huggingFaceConfig: { ...huggingFaceConfig, ...wrong },
      ...load,
    });
    expect(response.statusCode).toBe(422);
    expect(problemOf(response).errors?.[0]).toMatchObject({ pointer, rule });
  });

  it('stands alone: a model beside it is one too many', async () => {
    const response = await post('/v1/estimates/inference', {
      huggingFaceConfig,
      model: 'meta-llama/Llama-3.1-8B',
      ...load,
    });
    expect(problemOf(response).errors?.[0]).toMatchObject({ pointer: '#/huggingFaceConfig', rule: 'exclusive' });
  });

  it('that is wrong in one question of a batch leaves the others alone', async () => {
    const request = { huggingFaceConfig: { model_type: 'bert' }, ...load };
    const response = await post('/v1/estimates:batch', {
      estimates: [
        { kind: 'inference', request },
        { kind: 'inference', request: { huggingFaceConfig, ...load } },
      ],
    });
    const { results } = response.json();
    expect(results[0].problem.errors[0].pointer).toBe('#/huggingFaceConfig/model_type');
    expect(results[1].inference.status).toBe('feasible');
  });

  it('is read where a question stands in a question, and refused there', async () => {
    const response = await post('/v1/hardware-recommendations', {
      inference: { huggingFaceConfig: { model_type: 'bert' }, requestsPerDay: 1000 },
    });
    expect(problemOf(response).errors?.[0]?.pointer).toBe('#/inference/huggingFaceConfig/model_type');
  });
});
