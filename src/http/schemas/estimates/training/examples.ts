/** Questions on training that Swagger UI offers; each is replayed against the seed by a test. */

export const trainingExamples = {
  pretraining: {
    summary: 'Pretraining an 8B model on 15 T tokens',
    value: { model: 'meta-llama/Llama-3.1-8B', tokens: 15e12, device: 'nvidia-h100-sxm5-80gb' },
  },
  simplest: {
    summary: 'The least there is to say: model and tokens',
    value: { model: 'meta-llama/Llama-3.1-8B', tokens: 1e12 },
  },
  lora: {
    summary: 'A LoRA of a 7B model on a small budget',
    value: {
      model: 'Qwen/Qwen2.5-7B-Instruct',
      tokens: 50_000_000,
      method: 'lora',
      device: 'nvidia-l40s-48gb',
      people: { engineers: 0 },
      run: { experimentsMultiple: 2 },
    },
  },
  stages: {
    summary: 'A long-context stage and an anneal after the main one, with a growing batch',
    value: {
      model: 'meta-llama/Llama-3.1-8B',
      tokens: 14e12,
      device: 'nvidia-h100-sxm5-80gb',
      cluster: { devices: 1024 },
      stages: [
        { tokens: 800e9, sequenceLength: 131_072 },
        { tokens: 40e9, sequenceLength: 131_072 },
      ],
      run: { batchRampFactor: 1.02 },
    },
  },
  preferences: {
    summary: 'DPO of a 70B model with LoRA on pairs of answers',
    value: {
      model: 'meta-llama/Llama-3.1-70B',
      tokens: 60_000_000,
      method: 'dpo_lora',
      loraRank: 64,
      device: 'nvidia-h100-sxm5-80gb',
      data: { labels: 30_000, usdPerLabel: 1 },
    },
  },
  reinforcement: {
    summary: 'GRPO of an 8B model: answers of 4,000 tokens, scored by rules',
    value: {
      model: 'meta-llama/Llama-3.1-8B',
      tokens: 2_000_000_000,
      method: 'grpo',
      rollout: { promptTokens: 512, responseTokens: 4096, maxResponseTokens: 16_384, groupSize: 16 },
      device: 'nvidia-h100-sxm5-80gb',
      cluster: { devices: 64 },
    },
  },
  budget: {
    summary: 'Is a full fine-tune of a 7B model possible for 500 dollars, and how fast?',
    value: {
      model: 'Qwen/Qwen2.5-7B-Instruct',
      tokens: 100_000_000,
      method: 'full_fine_tuning',
      device: 'nvidia-h100-sxm5-80gb',
      budgetUsd: '500',
      cluster: { objective: 'fastest' },
    },
  },
  capacityBlock: {
    summary: 'On a capacity block, reserved and paid ahead',
    value: {
      model: 'meta-llama/Llama-3.1-8B',
      tokens: 100e9,
      device: 'nvidia-h100-sxm5-80gb',
      purchase: { category: 'capacity_block' },
      deadlineDays: 14,
    },
  },
  givenLayout: {
    summary: 'Llama 3.1 405B on the cluster and layout it was trained on',
    value: {
      model: 'meta-llama/Llama-3.1-405B',
      tokens: 15.6e12,
      device: 'nvidia-h100-sxm5-80gb',
      cluster: { devices: 16_384, fabric: 'roce_400g' },
      sequenceLength: 8192,
      globalBatchTokens: 16_777_216,
      layout: { tensorParallel: 8, pipelineParallel: 16 },
      purchase: { usdPerDeviceHour: '2.00' },
    },
  },
  spot: {
    summary: 'On spot capacity, with interruptions',
    value: {
      model: 'meta-llama/Llama-3.1-8B',
      tokens: 100e9,
      device: 'nvidia-a100-sxm4-80gb',
      purchase: { category: 'spot' },
    },
  },
  vision: {
    summary: 'ResNet-50 for 90 epochs of ImageNet',
    value: { model: 'resnet50-v1.5', images: 115_000_000 },
  },
  imageGenerator: {
    summary: 'An image generator on half a billion images within thirty days',
    value: {
      model: 'stable-diffusion-xl',
      images: 500_000_000,
      device: 'nvidia-a100-sxm4-80gb',
      deadlineDays: 30,
    },
  },
  speech: {
    summary: 'A speech model on 680,000 hours of audio',
    value: { model: 'whisper-large-v3', audioHours: 680_000, device: 'nvidia-h100-sxm5-80gb' },
  },
};
