/** Placement questions that Swagger UI offers; each is replayed against the seed by a test. */
export const placementExamples = {
  simplest: {
    summary: 'The least there is to say: a model, its load, and where the users are',
    value: {
      components: [{ id: 'chat', model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 100_000 }],
      userGroups: [{ country: 'AE' }],
    },
  },
  securityRobot: {
    summary: 'A security robot: threats found on board, forensics in the cloud',
    value: {
      components: [
        {
          id: 'threats',
          model: 'ultralytics/yolov8s',
          requestsPerDay: 43_200_000,
          traffic: { peakToMeanRatio: 1, arrivalVariability: 0 },
          requestKilobytes: 120,
          latency: { milliseconds: 100 },
          offlineToleranceHours: 8,
          dataClasses: ['personal'],
        },
        {
          id: 'forensics',
          model: 'Qwen/Qwen3-VL-32B-Instruct',
          requestsPerDay: 2000,
          promptTokens: { mean: 3000 },
          outputTokens: { mean: 300 },
          latency: { milliseconds: 30_000 },
          dataClasses: ['personal'],
        },
      ],
      edges: [{ from: 'threats', to: 'forensics', callsPerDay: 2000, requestKilobytes: 400, responseKilobytes: 2 }],
      userGroups: [{ id: 'robots', country: 'AE', accessNetwork: 'lte', units: 50, uplinkUsdPerGb: 2 }],
      sites: [
        {
          id: 'robot',
          kind: 'device_fleet',
          ambientCelsius: 45,
          devices: [
            { device: 'nvidia-jetson-orin-nano-8gb' },
            { device: 'nvidia-jetson-orin-nx-16gb' },
            { device: 'nvidia-jetson-agx-orin-64gb' },
          ],
        },
        { id: 'uae', kind: 'cloud_region', region: 'azure/uaenorth' },
        { id: 'europe', kind: 'cloud_region', region: 'aws/eu-central-1' },
      ],
    },
  },
  nightlyFineTuning: {
    summary: 'Robots that talk, and a model that learns every night from what they heard, within six hours and the law',
    value: {
      components: [
        {
          id: 'talk',
          model: 'meta-llama/Llama-3.1-8B',
          requestsPerDay: 50_000,
          latency: { milliseconds: 2000, measure: 'time_to_first_token' },
          dataClasses: ['personal'],
        },
        {
          id: 'learn',
          model: 'meta-llama/Llama-3.1-8B',
          requestsPerDay: 1,
          training: { method: 'lora', tokens: 50_000_000, deadlineHours: 6 },
          dataClasses: ['personal'],
        },
      ],
      edges: [{ from: 'talk', to: 'learn', callsPerDay: 1, requestKilobytes: 200_000 }],
      userGroups: [{ country: 'AE', accessNetwork: 'lte' }],
      policies: { countries: ['AE'] },
    },
  },
  cameras: {
    summary: '200 cameras in Dubai at 30 frames per second, a day offline, 100 ms, hard cases to a larger model',
    value: {
      components: [
        {
          id: 'analytics',
          model: 'ultralytics/yolov8x',
          accuracy: 0.95,
          requestsPerDay: 518_400_000,
          traffic: { peakToMeanRatio: 1, arrivalVariability: 0 },
          requestKilobytes: 150,
          responseKilobytes: 1,
          latency: { milliseconds: 100 },
          offlineToleranceHours: 24,
          accuracyFloor: 0.9,
          dataClasses: ['personal'],
          variants: [{ id: 'small', model: 'ultralytics/yolov8n', accuracy: 0.91 }],
        },
      ],
      userGroups: [
        { id: 'dubai', country: 'AE', latitude: 25.2, longitude: 55.3, accessNetwork: 'ethernet-lan', units: 200 },
      ],
      sites: [
        {
          id: 'mall',
          kind: 'edge_box',
          devices: [
            { device: 'nvidia-jetson-agx-orin-64gb', stock: 100 },
            { device: 'nvidia-jetson-orin-nx-16gb', stock: 100 },
          ],
          powerKilowatts: 6,
          ambientCelsius: 35,
        },
        { id: 'uae', kind: 'cloud_region', region: 'azure/uaenorth' },
      ],
    },
  },
  bank: {
    summary: 'A chatbot of a bank in the UAE, with customer data under central-bank rules',
    value: {
      components: [
        {
          id: 'chatbot',
          model: 'meta-llama/Llama-3.1-70B',
          requestsPerDay: 200_000,
          promptTokens: { mean: 2000 },
          outputTokens: { mean: 250 },
          latency: { milliseconds: 1500, measure: 'time_to_first_token' },
          dataClasses: ['personal', 'financial'],
          availability: 0.9995,
        },
      ],
      userGroups: [{ country: 'AE', accessNetwork: 'lte' }],
    },
  },
  retrieval: {
    summary: 'Retrieval for users in the EU and the UAE, each under their own law',
    value: {
      components: [
        {
          id: 'embed',
          model: 'BAAI/bge-m3',
          requestsPerDay: 2_000_000,
          latency: { milliseconds: 300 },
          split: { kind: 'by_user_group' },
        },
        {
          id: 'answer',
          model: 'meta-llama/Llama-3.1-8B',
          requestsPerDay: 500_000,
          latency: { milliseconds: 2000, measure: 'time_to_first_token' },
          split: { kind: 'by_user_group' },
        },
      ],
      edges: [{ from: 'embed', to: 'answer', callsPerDay: 500_000, requestKilobytes: 20, responseKilobytes: 2 }],
      userGroups: [
        { country: 'DE', share: 0.6 },
        { country: 'AE', share: 0.4 },
      ],
    },
  },
  phonesOfUsers: {
    summary: "A writing aid on the users' own phones where it fits into an app, in the cloud where it does not",
    value: {
      userGroups: [{ id: 'app', country: 'AE', accessNetwork: 'lte', units: 20_000 }],
      components: [
        {
          id: 'writer',
          model: 'meta-llama/Llama-3.2-3B',
          requestsPerDay: 200_000,
          promptTokens: { mean: 400 },
          outputTokens: { mean: 100 },
        },
      ],
      sites: [
        {
          id: 'phones',
          kind: 'device_fleet',
          units: 20_000,
          devices: [{ device: 'qualcomm-snapdragon-8-elite', userDevices: {} }],
        },
        { id: 'cloud', kind: 'cloud_region', region: 'azure/uaenorth' },
      ],
    },
  },
  loop: {
    summary: 'A control loop of 10 ms that no cloud can close: why, and what would have to change',
    value: {
      components: [
        {
          id: 'loop',
          model: 'torchvision/mobilenet_v2',
          requestsPerDay: 8_640_000,
          traffic: { peakToMeanRatio: 1, arrivalVariability: 0 },
          latency: { milliseconds: 10 },
          dataClasses: ['non-personal'],
        },
      ],
      userGroups: [{ id: 'neom', country: 'SA', latitude: 28, longitude: 35.2, accessNetwork: 'private-5g' }],
      sites: [
        { id: 'dammam', kind: 'cloud_region', region: 'gcp/me-central2' },
        { id: 'bahrain', kind: 'cloud_region', region: 'aws/me-south-1' },
      ],
    },
  },
};
