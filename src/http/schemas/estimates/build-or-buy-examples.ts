/** Questions whether to build or to buy that Swagger UI offers; each is replayed against the seed by a test. */
export const buildOrBuyExamples = {
  chat: {
    summary: 'A 70B chat service at a million requests a day, anywhere',
    value: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 },
  },
  gulf: {
    summary: 'The same where it must stay in the UAE',
    value: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000, location: { country: 'AE' } },
  },
  cachedAndBatched: {
    summary: 'Shared prompts, half of the requests may wait, other models would do as well',
    value: {
      model: 'deepseek-ai/DeepSeek-V3',
      requestsPerDay: 5_000_000,
      traffic: { prefixCacheHitRate: 0.5 },
      buying: { batchShare: 0.5, alternativeOffers: ['openai/global/gpt-4.1-mini'] },
    },
  },
} as const;
