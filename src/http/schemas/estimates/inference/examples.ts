/** Questions on serving that Swagger UI offers; each is replayed against the seed by a test. */
import { hybridExample } from '../../custom-language-model.ts';

export const inferenceExamples = {
  simplest: {
    summary: 'The least there is to say: model and load',
    value: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000 },
  },
  imagePrompts: {
    summary: 'A vision-language model that reads one image with every question',
    value: {
      model: 'Qwen/Qwen3-VL-8B-Instruct',
      requestsPerDay: 500_000,
      promptTokens: { mean: 120 },
      promptImages: { count: 1, width: 1024, height: 768 },
    },
  },
  phonesOfUsers: {
    summary: "A small model on the users' own phones: does it fit, how fast is it, what does it take from the battery",
    value: {
      model: 'meta-llama/Llama-3.2-3B',
      requestsPerDay: 1_000_000,
      device: 'apple-a17-pro-neural-engine',
      promptTokens: { mean: 400 },
      outputTokens: { mean: 150 },
      userDevices: { count: 100_000 },
    },
  },
  manyAdapters: {
    summary: 'Sixteen tenants on one model, each with a LoRA adapter',
    value: {
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay: 2_000_000,
      device: 'nvidia-h100-sxm5-80gb',
      serving: { adapters: { resident: 16, rank: 16 } },
    },
  },
  pools: {
    summary: 'Long prompts with prefill and decode on replicas of their own, under a stated version of the engine',
    value: {
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 2_000_000,
      promptTokens: { mean: 6000 },
      outputTokens: { mean: 300 },
      device: 'nvidia-h100-sxm5-80gb',
      serving: {
        engine: 'tensorrt_llm',
        engineVersion: '1.2.0',
        weightFormat: 'fp8',
        disaggregated: true,
        networkGbPerSecondPerDevice: 50,
      },
      objectives: { timePerOutputTokenMsP95: 40 },
    },
  },
  ownMeasurements: {
    summary: 'An 8B service calibrated by two measurements of your own',
    value: {
      model: 'meta-llama/Llama-3.1-8B',
      requestsPerDay: 2_000_000,
      device: 'nvidia-h100-sxm5-80gb',
      calibration: {
        points: [
          { concurrency: 16, promptTokens: 1024, outputTokens: 256, timePerOutputTokenMs: 8.4 },
          { concurrency: 64, promptTokens: 1024, outputTokens: 256, timePerOutputTokenMs: 12.1, ttftMs: 62 },
        ],
      },
    },
  },
  chatService: {
    summary: 'A 70B chat service at 10 M requests a day on H100s in the UAE',
    value: {
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 10_000_000,
      promptTokens: { mean: 1155, p95: 4083 },
      outputTokens: { mean: 211, p95: 451 },
      device: 'nvidia-h100-sxm5-80gb',
      location: { country: 'AE' },
      objectives: { ttftMsP95: 1000, timePerOutputTokenMsP95: 60 },
      surcharges: { taxPercent: 5 },
    },
  },
  committed: {
    summary: 'A three-year commitment, quantized to fp8',
    value: {
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 2_000_000,
      device: 'nvidia-h100-sxm5-80gb',
      serving: { weightFormat: 'fp8' },
      purchase: { category: 'committed', termMonths: 36 },
    },
  },
  optimized: {
    summary: 'What each optimization would save, alone and in the best order',
    value: {
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 10_000_000,
      device: 'nvidia-h100-sxm5-80gb',
      location: { country: 'AE' },
      include: ['optimizations'],
      optimization: { qualityFloorPercent: 98, responseCacheHitRate: 0.15 },
    },
  },
  owned: {
    summary: 'The same model on hardware of your own in Saudi Arabia',
    value: {
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 2_000_000,
      device: 'nvidia-h100-sxm5-80gb',
      location: { country: 'SA' },
      purchase: { category: 'owned', owned: { purchasePricePerDevice: '30000', usefulLifeYears: 4 } },
    },
  },
  inDirhams: {
    summary: 'In another currency, at a dated rate of your own',
    value: {
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 1_000_000,
      device: 'nvidia-h100-sxm5-80gb',
      reporting: {
        currency: 'AED',
        exchangeRate: { unitsPerUsd: '3.6725', validFrom: '2026-01-01', source: 'Central bank, peg' },
      },
    },
  },
  tomorrowsChip: {
    summary: 'A chip announced yesterday and a model of your own',
    value: {
      customLanguageModel: {
        name: 'our-13b',
        layers: 40,
        hiddenSize: 5120,
        ffnHiddenSize: 13_824,
        vocabularySize: 128_256,
        attentionHeads: 40,
        kvHeads: 8,
      },
      requestsPerDay: 500_000,
      customDevice: {
        name: 'Next GPU',
        memoryGib: 288,
        memoryBandwidthGbPerSecond: 8000,
        densePeakTflops: { bf16: 2500, fp8: 5000 },
        tdpWatts: 1400,
        linkGbPerSecond: 900,
      },
      purchase: { usdPerDeviceHour: '5.50' },
    },
  },
  ownHybrid: {
    summary: 'A model of your own with state-space, attention and expert layers, stored in fp8',
    value: {
      customLanguageModel: { ...hybridExample, nativeWeightFormat: 'fp8' },
      requestsPerDay: 200_000,
      device: 'nvidia-h100-sxm5-80gb',
    },
  },
  configOfCheckpoint: {
    summary: 'A checkpoint that the catalog does not have, by its config.json',
    value: {
      huggingFaceConfig: {
        architectures: ['Qwen3MoeForCausalLM'],
        model_type: 'qwen3_moe',
        decoder_sparse_step: 1,
        head_dim: 128,
        hidden_act: 'silu',
        hidden_size: 2560,
        intermediate_size: 7680,
        max_position_embeddings: 65_536,
        moe_intermediate_size: 960,
        num_attention_heads: 32,
        num_experts: 160,
        num_experts_per_tok: 8,
        num_hidden_layers: 40,
        num_key_value_heads: 4,
        rms_norm_eps: 0.000001,
        tie_word_embeddings: false,
        torch_dtype: 'bfloat16',
        vocab_size: 151_936,
        quantization_config: { quant_method: 'fp8', activation_scheme: 'dynamic', weight_block_size: [128, 128] },
      },
      requestsPerDay: 300_000,
      device: 'nvidia-h100-sxm5-80gb',
    },
  },
  visionOnJetson: {
    summary: 'A camera at 30 frames per second on a Jetson that you own',
    value: {
      model: 'resnet50-v1.5',
      requestsPerDay: 2_592_000,
      traffic: { peakToMeanRatio: 1, arrivalVariability: 0 },
      objectives: { endToEndMsP95: 20, spareReplicas: 0 },
      device: 'nvidia-jetson-agx-orin-64gb',
      purchase: { category: 'owned' },
      location: { country: 'AE' },
    },
  },
  embeddings: {
    summary: 'A billion documents embedded in one night of eight hours',
    value: {
      model: 'BAAI/bge-base-en-v1.5',
      requestsPerDay: 1_000_000_000,
      promptTokens: { mean: 300 },
      traffic: { activeHoursPerDay: 8, peakToMeanRatio: 1, arrivalVariability: 0 },
      objectives: { maxUtilization: 0.95, spareReplicas: 0 },
      scaling: { mode: 'scale_to_zero' },
    },
  },
  speech: {
    summary: 'Calls of two minutes transcribed by Whisper',
    value: {
      model: 'openai/whisper-large-v3',
      requestsPerDay: 200_000,
      audioSecondsPerRequest: 120,
      objectives: { endToEndMsP95: 10_000 },
    },
  },
  images: {
    summary: 'An image generator: 50,000 images of 1024 x 1024 a day',
    value: {
      model: 'stabilityai/stable-diffusion-xl-base-1.0',
      requestsPerDay: 50_000,
      denoisingSteps: 30,
      objectives: { endToEndMsP95: 15_000 },
    },
  },
  notOffered: {
    summary: 'H100s where nobody offers them: reasons and the nearest place',
    value: {
      model: 'meta-llama/Llama-3.1-70B',
      requestsPerDay: 100_000,
      device: 'nvidia-h100-sxm5-80gb',
      location: { country: 'SA' },
    },
  },
};
