/** Lifecycle questions that Swagger UI offers; each is replayed against the seed by a test. */
export const lifecycleExamples = {
  fineTuned: {
    summary: 'The least there is to say: a fine-tuned model and its load',
    value: {
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay: 1_000_000,
      training: { tokens: 1e9, method: 'lora' },
    },
  },
  pretrained: {
    summary: 'A model trained from scratch and again each year, a growing load, ten years',
    value: {
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay: 10_000_000,
      training: { tokens: 15e12, device: 'nvidia-h100-sxm5-80gb', cluster: { devices: 1024 } },
      inference: { device: 'nvidia-h100-sxm5-80gb' },
      horizonMonths: 120,
      growth: { percentPerYear: 30, lowPercentPerYear: 0, highPercentPerYear: 80 },
      retraining: { everyMonths: 24 },
    },
  },
  gulfChat: {
    summary:
      'A bank chat in the UAE on owned hardware: Ramadan season, fp8 in the second year, what a request is worth',
    value: {
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 2_000_000,
      inference: {
        device: 'nvidia-h100-sxm5-80gb',
        location: { country: 'AE' },
        purchase: { category: 'owned' },
        surcharges: { taxPercent: 5 },
      },
      launchOn: '2027-01-01',
      horizonMonths: 60,
      growth: { percentPerYear: 25, seasonality: [1, 1.3, 1.3, 1, 1, 0.9, 0.8, 0.8, 1, 1, 1, 1] },
      rollouts: [
        { name: 'fp8 weights', fromMonth: 13, inference: { serving: { weightFormat: 'fp8' } }, oneTimeUsd: '40000' },
      ],
      valueUsdPerRequest: '0.004',
    },
  },
} as const;
