/** A small catalog to test with: two devices, two regions, three offers and their prices. Overrides replace whole lists. */
import type { CatalogContents } from '../../src/catalog/contents.ts';
import type { PriceAmount, PriceIdentity } from '../../src/domain/catalog/offers.ts';
import type { Provenance } from '../../src/domain/catalog/provenance.ts';
import type { Device, DeviceClaim } from '../../src/domain/devices/device.ts';

const provenance: Provenance = {
  source: 'https://example.com/list',
  sourceDate: '2026-01-15',
  confidence: 'vendor',
  licence: null,
  notes: null,
};

const claim = (over: Partial<DeviceClaim> = {}): DeviceClaim => ({
  ...provenance,
  metric: 'memory',
  format: null,
  sparsity: 'dense',
  value: 80 * 2 ** 30,
  unit: 'bytes',
  sourceRank: 1,
  ...over,
});

export const device = (id: string, over: Partial<Device> = {}): Device => ({
  id,
  name: id.toUpperCase(),
  vendor: 'nvidia',
  class: 'datacenter_gpu',
  releaseYear: 2022,
  aliases: [],
  formFactor: 'SXM5',
  densePeakFlops: { bf16: 989e12 },
  memoryBytes: 80 * 2 ** 30,
  memoryBandwidthBytesPerSecond: 3.35e12,
  tdpWatts: 700,
  idleWatts: null,
  provisionedWatts: null,
  linkTopology: 'nvlink_switch',
  linkBytesPerSecond: 450e9,
  linkDomainDevices: 8,
  pcieGeneration: 5,
  devicesPerNode: 8,
  notes: null,
  claims: [
    claim(),
    claim({ metric: 'peak_flops', format: 'bf16', value: 989e12, unit: 'flop_per_second' }),
    claim({ metric: 'tdp', value: 700, unit: 'watts' }),
  ],
  ...over,
});

export const identity = (offerId: string, over: Partial<PriceIdentity> = {}): PriceIdentity => ({
  id: `${offerId}/on_demand`,
  offerId,
  category: 'on_demand',
  termMonths: 0,
  payment: 'none',
  tierFrom: 0,
  unit: 'hour',
  ...over,
});

export const amount = (priceId: string, over: Partial<PriceAmount> = {}): PriceAmount => ({
  ...provenance,
  priceId,
  amount: '98.32',
  upfront: '0',
  currency: 'USD',
  validFrom: '2024-01-01T00:00:00.000Z',
  validTo: null,
  sourceId: 'seed',
  observedAt: '2026-01-15T00:00:00.000Z',
  flags: [],
  ...over,
});

export const contents = (over: Partial<CatalogContents> = {}): CatalogContents => ({
  devices: [device('nvidia-h100-sxm5-80gb'), device('nvidia-l4', { class: 'inference_gpu', devicesPerNode: 1 })],
  systems: [],
  models: [
    {
      ...provenance,
      id: 'acme/Vision-1',
      name: 'Vision 1',
      aliases: ['vision-1'],
      architecture: {
        kind: 'vision_classification',
        family: 'resnet',
        parametersTotal: 25.6e6,
        flopsPerSample: 8.2e9,
        inputHeight: 224,
        inputWidth: 224,
      },
    },
  ],
  providers: [{ id: 'aws', name: 'AWS', kind: 'hyperscaler', headquartersCountry: 'US' }],
  regions: ['me-central-1', 'us-east-1'].map((code) => ({
    ...provenance,
    id: `aws/${code}`,
    providerId: 'aws',
    code,
    name: code,
    city: code === 'us-east-1' ? 'Ashburn' : 'Dubai',
    country: code === 'us-east-1' ? 'US' : 'AE',
    latitude: 25,
    longitude: 55,
    partition: 'aws',
    status: 'active',
    zones: 3,
    deviceIds: ['nvidia-h100-sxm5-80gb'],
  })),
  offers: ['me-central-1', 'us-east-1'].map((code) => ({
    id: `aws/${code}/p5.48xlarge`,
    providerId: 'aws',
    regionId: `aws/${code}`,
    zone: null,
    sku: 'p5.48xlarge',
    kind: 'instance' as const,
    deviceId: 'nvidia-h100-sxm5-80gb',
    modelId: null,
    deviceCount: 8,
    vcpus: 192,
    memoryBytes: 2 ** 41,
    mode: 'open' as const,
    leadTimeDays: null,
  })),
  grids: [
    {
      ...provenance,
      id: 'AE',
      country: 'AE',
      name: 'United Arab Emirates',
      gramsCo2ePerKwh: 400,
      lowGramsCo2ePerKwh: 350,
      highGramsCo2ePerKwh: 480,
      year: 2025,
    },
  ],
  tariffs: [],
  pueFacts: [],
  regimes: [],
  priceIdentities: [identity('aws/me-central-1/p5.48xlarge'), identity('aws/us-east-1/p5.48xlarge')],
  priceAmounts: [
    amount('aws/us-east-1/p5.48xlarge/on_demand', { validTo: '2025-06-23T00:00:00.000Z' }),
    amount('aws/us-east-1/p5.48xlarge/on_demand', { validFrom: '2025-06-23T00:00:00.000Z', amount: '55.04' }),
    amount('aws/me-central-1/p5.48xlarge/on_demand', { amount: '60.50', validFrom: '2026-01-01T00:00:00.000Z' }),
  ],
  ...over,
});
