import { type TNumber, type TOptional, Type } from '@sinclair/typebox';
import {
  CLAIM_METRICS,
  COMPUTE_FORMATS,
  type ComputeFormat,
  DEVICE_CLASSES,
  LINK_TOPOLOGIES,
} from '../../../domain/devices/device.ts';
import { choice, component, list, nullable, ref } from '../component.ts';
import {
  CONFIDENCES,
  integer,
  integerOrNull,
  number,
  numberOrNull,
  originFields,
  provenanceFields,
  text,
  textOrNull,
} from './fields.ts';

const metric = choice(CLAIM_METRICS, {
  description:
    'What is claimed. peak_flops in FLOP/s (OP/s for integers), memory in bytes, bandwidths in bytes per second (link: one direction), powers in W.',
});
const format = nullable(
  choice(COMPUTE_FORMATS, { description: 'Number format; only for peak_flops, else null.', examples: ['bf16'] }),
);
const sparsity = choice(['dense', 'sparse'], {
  description: 'Whether a peak counts structured sparsity. The models use dense ones only.',
});

const ClaimSchema = component(
  'CatalogDeviceClaim',
  {
    metric,
    format,
    sparsity,
    value: number('The figure, in the unit.', 989e12),
    unit: choice(['flop_per_second', 'bytes', 'bytes_per_second', 'watts'], { description: 'Unit of the value.' }),
    sourceRank: integer('Rank of the claim, the lowest wins: 0 is an operator, 1 the most trusted of the seed.', 1),
    ...provenanceFields,
  },
  { description: 'One hardware figure as one source claims it.' },
);

export const ClaimInputSchema = component(
  'CatalogDeviceClaimInput',
  {
    metric,
    format: Type.Optional(format),
    sparsity: Type.Optional(sparsity),
    value: Type.Number({
      description: 'The figure: FLOP/s, bytes, bytes per second or W, as the metric says.',
      exclusiveMinimum: 0,
      maximum: 1e21,
      examples: [85_899_345_920],
    }),
    source: Type.Optional(text('Who published it; that of the whole statement where absent.', 'data sheet', 2000)),
    sourceDate: Type.Optional(textOrNull('Its date; that of the whole statement where absent.', '2026-06-01', 40)),
    confidence: Type.Optional(
      choice(CONFIDENCES, { description: 'How much to trust it; that of the whole statement where absent.' }),
    ),
    licence: Type.Optional(textOrNull('Licence of the source.', 'CC-BY-4.0', 200)),
    notes: Type.Optional(textOrNull('Remarks for people.', 'Board revision B.')),
  },
  { description: 'One hardware figure to be claimed.', examples: [{ metric: 'tdp', value: 650 }] },
);

const DensePeaksSchema = component(
  'CatalogDensePeakFlops',
  Object.fromEntries(
    COMPUTE_FORMATS.map((name) => [
      name,
      Type.Optional(number(`Dense ${name} peak in ${name.startsWith('int') ? 'OP/s' : 'FLOP/s'}.`, 989e12)),
    ]),
  ) as Record<ComputeFormat, TOptional<TNumber>>,
  { description: 'Dense peak rates by number format. A format that is absent is not known or not supported.' },
);

/** What a source may state of a device beside its claims. */
export const deviceFields = {
  name: text('Name for people.', 'NVIDIA H100 SXM5 80GB'),
  aliases: list(text('Another name for it, or a product that it comes in.', 'iPhone 15 Pro', 300), {
    description: 'Products that it comes in, and other names for it: what search finds it by.',
    maxItems: 50,
  }),
  vendor: text('Maker.', 'nvidia'),
  class: choice(DEVICE_CLASSES, { description: 'What it is built for.' }),
  releaseYear: nullable(integer('Year of release.', 2022, { minimum: 1990, maximum: 2100 })),
  formFactor: text('Board or module that it comes as, for example SXM5 or PCIe card.', 'SXM5'),
  linkTopology: choice(LINK_TOPOLOGIES, { description: 'How devices of one node are linked.' }),
  linkDomainDevices: integer('Devices that are connected by the fast link between devices (NVLink and the like).', 8, {
    minimum: 1,
  }),
  pcieGeneration: integerOrNull('PCI Express generation.', 5),
  devicesPerNode: integer('Devices in the usual node.', 8, { minimum: 1 }),
  notes: textOrNull('Remarks for people.', 'NVLink 4'),
};

export const DeviceSchema = component(
  'CatalogDevice',
  {
    id: text('Catalog id.', 'nvidia-h100-sxm5-80gb'),
    ...deviceFields,
    densePeakFlops: ref(DensePeaksSchema, { description: 'Winning dense peak per number format.' }),
    memoryBytes: numberOrNull('Device memory in bytes.', 85_899_345_920),
    memoryBandwidthBytesPerSecond: numberOrNull('Memory bandwidth in bytes per second.', 3.35e12),
    tdpWatts: numberOrNull('Board power in W.', 700),
    idleWatts: numberOrNull('Idle power in W.', 70),
    provisionedWatts: numberOrNull(
      'Facility power per device with its share of host, network and cooling, in W.',
      1275,
    ),
    linkBytesPerSecond: numberOrNull('Device to device, one direction, in bytes per second.', 450e9),
    claims: list(ref(ClaimSchema), { description: 'All published claims behind the figures, with their sources.' }),
    ...originFields,
  },
  { description: 'An accelerator, processor or edge device: the winning claim per figure, and all claims.' },
);

const NodePowerSchema = component(
  'CatalogNodePower',
  {
    max: numberOrNull('Most the node draws.', 10_200),
    typicalTraining: numberOrNull('Mean while training.', 8500),
    inferenceMean: numberOrNull('Mean while serving.', 6000),
    idle: numberOrNull('Mean power of an idle node.', 2000),
  },
  { description: 'Power of one node in W.' },
);

export const systemFields = {
  name: text('Name for people.', 'NVIDIA DGX H100'),
  deviceId: textOrNull('Device in it; null where the catalog does not know it.', 'nvidia-h100-sxm5-80gb', 300),
  deviceCount: integer('Devices in the system.', 8),
  hostCpu: textOrNull('Processors of the host.', '2x Xeon Platinum 8480C', 300),
  hostMemoryBytes: numberOrNull('Host memory in bytes.', 2.2e12),
  networkBytesPerSecondPerDevice: numberOrNull('Scale-out network per device, one direction, in bytes/s.', 50e9),
  nodePowerWatts: ref(NodePowerSchema, { description: 'Power of one node in W.' }),
  rackWatts: numberOrNull('Power of one rack in W.', 41_000),
  cooling: textOrNull('How it is cooled.', 'air', 200),
};

export const SystemSchema = component(
  'CatalogSystem',
  { id: text('Catalog id.', 'dgx-h100'), ...systemFields, ...provenanceFields, ...originFields },
  { description: 'A server, pod, board or instance that devices come in.' },
);
