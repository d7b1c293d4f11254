/** Parts of estimate requests that training and inference have in common. */
import { type TNumber, type TOptional, Type } from '@sinclair/typebox';
import { COMPUTE_FORMATS, type ComputeFormat } from '../../domain/devices/device.ts';
import { choice, component, list, ref } from './component.ts';
import { PriceBookPinSchema } from './price-books.ts';
import { ReportingRequestSchema } from './reporting-currency.ts';

const positive = (description: string, maximum: number, example: number) =>
  Type.Number({ exclusiveMinimum: 0, maximum, description, examples: [example] });
const positiveInteger = (description: string, maximum: number, example: number) =>
  Type.Integer({ minimum: 1, maximum, description, examples: [example] });
const percent = (description: string, example: number, maximum = 100) =>
  Type.Number({ minimum: 0, maximum, description, examples: [example] });
/** A decimal string as a sum of money in USD. */
export const usd = (description: string, example: string) =>
  Type.String({ pattern: '^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,9})?$', description, examples: [example] });

const DensePeaksSchema = component(
  'DensePeakTflops',
  Object.fromEntries(
    COMPUTE_FORMATS.map((format) => [
      format,
      Type.Optional(
        Type.Number({
          exclusiveMinimum: 0,
          maximum: 1e7,
          description: `Dense ${format} peak in ${format.startsWith('int') ? 'TOP/s' : 'TFLOP/s'}; halve a figure that counts structured sparsity.`,
          examples: [989],
        }),
      ),
    ]),
  ) as Record<ComputeFormat, TOptional<TNumber>>,
  {
    description: 'Dense peak rates by number format. Formats left out cannot be used.',
    examples: [{ bf16: 989, fp8: 1979 }],
  },
);

export const CustomDeviceSchema = component(
  'CustomDevice',
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Name shown in the answer.',
      examples: ['Next GPU'],
    }),
    class: Type.Optional(
      choice(['datacenter_gpu', 'inference_gpu', 'asic', 'tpu', 'cpu', 'edge'], {
        description: 'Decides which measured efficiencies are borrowed; datacenter_gpu where absent.',
        examples: ['datacenter_gpu'],
      }),
    ),
    memoryGib: positive('Device memory in GiB (2^30 bytes).', 1e6, 288),
    memoryBandwidthGbPerSecond: positive('Memory bandwidth in GB/s (10^9 bytes per second).', 1e7, 8000),
    densePeakTflops: ref(DensePeaksSchema, { description: 'Dense peak rates by number format; at least one.' }),
    tdpWatts: positive('Board power in watts.', 1e5, 1400),
    idleWatts: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1e5, description: 'Idle power in watts.', examples: [120] }),
    ),
    linkGbPerSecond: Type.Optional(
      positive('Device-to-device link, one direction, in GB/s. Without it devices talk over PCIe.', 1e6, 900),
    ),
    linkTopology: Type.Optional(
      choice(
        [
          'nvlink_switch',
          'nvlink_direct',
          'nvlink_bridge',
          'pcie',
          'infinity_fabric',
          'ici',
          'ethernet',
          'neuronlink',
          'none',
        ],
        {
          description: 'Kind of link.',
          examples: ['nvlink_switch'],
        },
      ),
    ),
    devicesPerNode: Type.Optional(positiveInteger('Devices per server; 8 where absent.', 1024, 8)),
  },
  {
    description: 'A device the catalog does not know, as public figures. Peaks are dense: halve what counts sparsity.',
    examples: [
      {
        name: 'Next GPU',
        memoryGib: 288,
        memoryBandwidthGbPerSecond: 8000,
        densePeakTflops: { bf16: 2500, fp8: 5000 },
        tdpWatts: 1400,
        linkGbPerSecond: 900,
        devicesPerNode: 8,
      },
    ],
  },
);

export const CustomLanguageModelSchema = component(
  'CustomLanguageModel',
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Name shown in the answer.',
      examples: ['our-13b'],
    }),
    layers: positiveInteger('Transformer layers.', 10_000, 40),
    hiddenSize: positiveInteger('Width of the residual stream.', 1_000_000, 5120),
    ffnHiddenSize: positiveInteger(
      'Inner width of the feed-forward network (of the dense layers, in a mixture of experts).',
      4_000_000,
      13_824,
    ),
    vocabularySize: positiveInteger('Tokens in the vocabulary.', 10_000_000, 128_256),
    attentionHeads: positiveInteger('Query heads.', 10_000, 40),
    kvHeads: Type.Optional(positiveInteger('Key-value heads; equal to attentionHeads where absent.', 10_000, 8)),
    headDim: Type.Optional(positiveInteger('Width of a head; hiddenSize / attentionHeads where absent.', 10_000, 128)),
    gatedFfn: Type.Optional(
      Type.Boolean({ description: 'SwiGLU-like FFN with three matrices; true where absent.', examples: [true] }),
    ),
    tiedEmbeddings: Type.Optional(
      Type.Boolean({
        description: 'Input and output embeddings are one matrix; false where absent.',
        examples: [false],
      }),
    ),
    maxContextTokens: Type.Optional(positiveInteger('Longest context; 131,072 where absent.', 100_000_000, 131_072)),
    slidingWindow: Type.Optional(
      ref(
        component(
          'CustomSlidingWindow',
          {
            layers: positiveInteger('Layers that attend to a window only.', 10_000, 20),
            tokens: positiveInteger('Width of the window in tokens.', 10_000_000, 4096),
          },
          {
            description: 'Layers whose attention is limited to the last tokens.',
            examples: [{ layers: 20, tokens: 4096 }],
          },
        ),
        { description: 'Layers with sliding-window attention, if any.' },
      ),
    ),
    latentAttention: Type.Optional(
      ref(
        component(
          'CustomLatentAttention',
          {
            queryLoraRank: Type.Integer({
              minimum: 0,
              maximum: 100_000,
              description: 'Rank of the compressed queries; 0 where they are not compressed.',
              examples: [1536],
            }),
            kvLoraRank: positiveInteger('Rank of the compressed keys and values.', 100_000, 512),
            nopeHeadDim: positiveInteger('Head width without rotary embedding.', 10_000, 128),
            ropeHeadDim: positiveInteger('Head width with rotary embedding.', 10_000, 64),
            valueHeadDim: positiveInteger('Head width of values.', 10_000, 128),
          },
          {
            description: 'Multi-head latent attention (DeepSeek-V2 and later).',
            examples: [{ queryLoraRank: 1536, kvLoraRank: 512, nopeHeadDim: 128, ropeHeadDim: 64, valueHeadDim: 128 }],
          },
        ),
        { description: 'Ranks of multi-head latent attention; replaces kvHeads and headDim.' },
      ),
    ),
    mixtureOfExperts: Type.Optional(
      ref(
        component(
          'CustomMixtureOfExperts',
          {
            experts: positiveInteger('Routed experts per layer.', 100_000, 128),
            activeExperts: positiveInteger('Experts each token is routed to.', 100_000, 8),
            expertHiddenSize: positiveInteger('Inner width of one expert.', 1_000_000, 1536),
            sharedExperts: Type.Optional(
              Type.Integer({
                minimum: 0,
                maximum: 1000,
                description: 'Experts that see every token; 0 where absent.',
                examples: [1],
              }),
            ),
            denseLayers: Type.Optional(
              Type.Integer({
                minimum: 0,
                maximum: 10_000,
                description: 'Leading layers with an ordinary FFN; 0 where absent.',
                examples: [3],
              }),
            ),
          },
          {
            description: 'Routed experts in place of the feed-forward network.',
            examples: [{ experts: 128, activeExperts: 8, expertHiddenSize: 1536 }],
          },
        ),
        { description: 'Experts, if the model has them.' },
      ),
    ),
  },
  {
    description: 'A language model the catalog does not know, as its architecture.',
    examples: [
      {
        name: 'our-13b',
        layers: 40,
        hiddenSize: 5120,
        ffnHiddenSize: 13_824,
        vocabularySize: 128_256,
        attentionHeads: 40,
        kvHeads: 8,
      },
    ],
  },
);

const CustomVisionModelSchema = component(
  'CustomVisionModel',
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Name shown in the answer.',
      examples: ['our-detector'],
    }),
    task: choice(['classification', 'detection', 'segmentation'], {
      description: 'What the model does.',
      examples: ['detection'],
    }),
    parametersMillions: positive('Parameters in millions.', 1e6, 25.6),
    gigaflopsPerImage: positive(
      'GFLOP of one forward pass at the input size; multiply and add count as two.',
      1e7,
      28.6,
    ),
    inputHeight: positiveInteger('Input height in pixels.', 100_000, 640),
    inputWidth: positiveInteger('Input width in pixels.', 100_000, 640),
  },
  {
    description: 'A vision model the catalog does not know.',
    examples: [
      {
        name: 'our-detector',
        task: 'detection',
        parametersMillions: 11.2,
        gigaflopsPerImage: 28.6,
        inputHeight: 640,
        inputWidth: 640,
      },
    ],
  },
);

export const LocationSchema = component(
  'Location',
  {
    region: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Catalog region id: provider, slash, region code.',
        examples: ['azure/uaenorth'],
      }),
    ),
    country: Type.Optional(
      Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2 country code.', examples: ['AE'] }),
    ),
    provider: Type.Optional(
      Type.String({ minLength: 1, maxLength: 50, description: 'Catalog provider id.', examples: ['azure'] }),
    ),
  },
  {
    description: 'Where it must run. All that is given must hold; empty means anywhere the catalog has a price.',
    examples: [{ country: 'AE' }],
  },
);

export const OwnedTermsSchema = component(
  'OwnedTerms',
  {
    purchasePricePerDevice: Type.Optional(usd('USD per device; the catalog price where absent.', '30000')),
    usefulLifeYears: Type.Optional(positive('Years of depreciation.', 20, 4)),
    residualPercent: Type.Optional(percent('Share of the price left at the end of that life.', 10)),
    financingRatePercent: Type.Optional(percent('Yearly cost of capital.', 8)),
    colocationUsdPerKwMonth: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10_000,
        description: 'Hall and power supply per kW and month, without electricity.',
        examples: [180],
      }),
    ),
    maintenancePercentPerYear: Type.Optional(percent('Yearly maintenance in percent of the purchase price.', 5)),
    sparePercent: Type.Optional(percent('Devices bought beyond those that work, in percent.', 5)),
    serverMultiplier: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 10,
        description: 'Server price over the price of its devices; 1 where the price per device includes the server.',
        examples: [1.64],
      }),
    ),
    interconnectPercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 90,
        description: 'Network of a cluster in percent of the price of the whole cluster.',
        examples: [19],
      }),
    ),
    utilizationPercent: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 100,
        description:
          'Share of its life that a training cluster works, in percent; a service that runs all day has 100.',
        examples: [80],
      }),
    ),
    electricityUsdPerKwh: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10,
        description: 'Electricity price; the tariff of the country where absent.',
        examples: [0.08],
      }),
    ),
  },
  { description: 'Terms of owned hardware.', examples: [{ purchasePricePerDevice: '30000', usefulLifeYears: 4 }] },
);

export const SiteFactsSchema = component(
  'SiteFacts',
  {
    pue: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 5,
        description: 'Power usage effectiveness: facility power over IT power.',
        examples: [1.3],
      }),
    ),
    rackKilowatts: Type.Optional(positive('Power one rack may draw in kW.', 10_000, 60)),
    networkPowerPercent: Type.Optional(percent('Switches of the cluster network in percent of node power.', 10)),
    gridGramsCo2ePerKwh: Type.Optional(
      Type.Number({ minimum: 0, maximum: 5000, description: 'Carbon intensity of the electricity.', examples: [50] }),
    ),
    embodiedKilogramsPerDevice: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        description: 'Emissions of making one device with its share of the server, kg CO2e.',
        examples: [539],
      }),
    ),
  },
  {
    description:
      'Facts of the site that the catalog may not know; taken from region, provider and country where absent.',
    examples: [{ pue: 1.3, rackKilowatts: 60 }],
  },
);

export const PurchaseSchema = component(
  'Purchase',
  {
    category: Type.Optional(
      choice(['on_demand', 'spot', 'committed', 'capacity_block', 'owned'], {
        description:
          'How the hardware is paid for; on_demand where absent. capacity_block is reserved for a span of days and paid ahead, where a provider sells it.',
        examples: ['on_demand'],
      }),
    ),
    termMonths: Type.Optional(choice12or36()),
    payment: Type.Optional(
      choice(['no_upfront', 'partial_upfront', 'all_upfront'], {
        description: 'Payment option of a commitment; the cheapest where absent.',
        examples: ['no_upfront'],
      }),
    ),
    usdPerDeviceHour: Type.Optional(usd('Your own rate in USD per device-hour; replaces the catalog price.', '2.10')),
    owned: Type.Optional(ref(OwnedTermsSchema, { description: 'Terms of owned hardware; only with category owned.' })),
    managedPlatforms: Type.Optional(
      Type.Boolean({
        description:
          'Also rents of managed platforms (SageMaker, Vertex AI), whose price pays for more than the machine; false where absent.',
        examples: [true],
      }),
    ),
  },
  {
    description: 'Rented by the hour, as spot, under a commitment, as a capacity block, or owned.',
    examples: [{ category: 'committed', termMonths: 36 }],
  },
);

function choice12or36() {
  return Type.Unsafe<number>({
    type: 'integer',
    enum: [12, 36],
    description: 'Term of a commitment in months.',
    examples: [36],
  });
}

export const SurchargesSchema = component(
  'Surcharges',
  {
    supportPercent: Type.Optional(percent('Provider support in percent of the compute bill.', 3)),
    softwareLicenceUsdPerDeviceYear: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e6,
        description: 'Software licence per device and year in USD.',
        examples: [4500],
      }),
    ),
    taxPercent: Type.Optional(percent('Tax on everything bought, in percent.', 5)),
    dutyPercent: Type.Optional(percent('Import duty on owned hardware, in percent.', 5)),
  },
  { description: 'Money lines that only you can know. None is added unless given.', examples: [{ supportPercent: 3 }] },
);

export const modelFields = {
  model: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Catalog id or alias of the model, or the name of a checkpoint of it: "<model>-FP8", "-AWQ", "-NVFP4" and the like are its weights in that format. Exactly one of model, customLanguageModel and customVisionModel.',
      examples: ['meta-llama/Llama-3.1-70B'],
    }),
  ),
  customLanguageModel: Type.Optional(ref(CustomLanguageModelSchema, { description: 'A language model of your own.' })),
  customVisionModel: Type.Optional(ref(CustomVisionModelSchema, { description: 'A vision model of your own.' })),
};

export const deviceFields = {
  device: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Catalog id of the device. Without it the cheapest that fits is chosen and the next two are named.',
      examples: ['nvidia-h100-sxm5-80gb'],
    }),
  ),
  customDevice: Type.Optional(
    ref(CustomDeviceSchema, {
      description: 'A device of your own; needs purchase.usdPerDeviceHour or category owned.',
    }),
  ),
};

export const pinFields = {
  priceBook: Type.Optional(
    ref(PriceBookPinSchema, {
      description:
        'Prices of this price book instead of the public list; each price used says which layer won. Needs an API key of its tenant with the scope books:read, in X-API-Key; a book of another tenant is not there.',
    }),
  ),
  pricingAt: Type.Optional(
    Type.String({
      format: 'date-time',
      description:
        'Prices in force at this time; now where absent. Answers give it back, so that they can be replayed.',
      examples: ['2026-11-01T00:00:00Z'],
    }),
  ),
  catalogRevision: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Answer from this catalog revision; the newest where absent.',
      examples: [1],
    }),
  ),
  reporting: Type.Optional(
    ref(ReportingRequestSchema, { description: 'Currency to answer in; US dollars where absent.' }),
  ),
};

export { list, percent, positive, positiveInteger };
