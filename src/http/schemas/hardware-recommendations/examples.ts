/** Questions that Swagger UI offers; each is replayed against the seed by a test. */
export const recommendationExamples = {
  simplest: {
    summary: 'The least there is to say: model and load',
    value: { inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 } },
  },
  gulfBank: {
    summary: 'A chat service in the UAE, first token within 300 ms, committed for a year at most',
    value: {
      inference: {
        model: 'meta-llama/Llama-3.1-8B',
        requestsPerDay: 2_000_000,
        objectives: { ttftMsP95: 300, timePerOutputTokenMsP95: 60 },
      },
      constraints: { countries: ['AE'] },
      purchase: { accept: ['on_demand', 'committed'], longestCommitmentMonths: 12 },
    },
  },
  carbon: {
    summary: 'Within ten percent of the cheapest, the one with the least carbon',
    value: {
      inference: { model: 'Qwen/Qwen2.5-7B-Instruct', requestsPerDay: 500_000 },
      rankBy: [{ by: 'cost', withinPercent: 10 }, { by: 'carbon' }],
    },
  },
  ownFacility: {
    summary: 'Owned hardware for a hall of 30 kW without liquid cooling, weights in fp8 admitted',
    value: {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 200_000 },
      constraints: {
        countries: ['SA'],
        minAccuracyPercent: 99,
        maxLeadTimeDays: 60,
        facility: { maxKilowatts: 30, maxRacks: 2, coolingClasses: ['air'] },
      },
      purchase: { accept: ['owned'], ownedLeadTimeDays: 45 },
    },
  },
  optimized: {
    summary: 'First tokens within 1.5 s at the 99th percentile; shared prompts and an fp8 KV cache admitted',
    value: {
      inference: {
        model: 'meta-llama/Llama-3.1-70B',
        requestsPerDay: 1_000_000,
        objectives: { ttftMsP50: 300, ttftMsP99: 1500, timePerOutputTokenMsP90: 60 },
      },
      constraints: { minAccuracyPercent: 94 },
      optimizations: { accept: ['prefix_caching', 'quantized_kv'] },
    },
  },
  smallClassifier: {
    summary: 'A small image classifier at 5 requests a second',
    value: {
      inference: {
        model: 'torchvision/resnet50',
        requestsPerDay: 432_000,
        objectives: { endToEndMsP95: 100 },
      },
    },
  },
  whyNot: {
    summary: 'Why the T4 is not on the list',
    value: {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 },
      leftOut: { device: 'nvidia-t4-16gb' },
    },
  },
  impossible: {
    summary: 'A budget that pays for nothing, and the smallest change that helps',
    value: {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 },
      constraints: { monthlyBudgetUsd: '1000', countries: ['DE'] },
    },
  },
};
