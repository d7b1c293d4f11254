/** The device of a request: one of the catalog, or one of the caller's own. */
import { type TNumber, type TOptional, Type } from '@sinclair/typebox';
import { COMPUTE_FORMATS, type ComputeFormat, DEVICE_CLASSES, LINK_TOPOLOGIES } from '../../domain/devices/device.ts';
import { choice, component, ref } from './component.ts';
import { positive, positiveInteger } from './quantity.ts';

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
      choice(DEVICE_CLASSES, {
        description: 'Decides which measured efficiencies are borrowed; datacenter_gpu where absent.',
        examples: ['datacenter_gpu'],
      }),
    ),
    memoryGib: positive('Device memory in GiB (2^30 bytes).', 1e6, 288),
    memoryBandwidthGbPerSecond: positive('Memory bandwidth in GB/s (10^9 bytes per second).', 1e9, 8000),
    densePeakTflops: ref(DensePeaksSchema, { description: 'Dense peak rates by number format; at least one.' }),
    tdpWatts: positive('Board power in watts.', 1e5, 1400),
    idleWatts: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1e5, description: 'Idle power in watts.', examples: [120] }),
    ),
    linkGbPerSecond: Type.Optional(
      positive('Device-to-device link, one direction, in GB/s. Without it devices talk over PCIe.', 1e6, 900),
    ),
    linkTopology: Type.Optional(
      choice(LINK_TOPOLOGIES, {
        description: 'Kind of link.',
        examples: ['nvlink_switch'],
      }),
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
