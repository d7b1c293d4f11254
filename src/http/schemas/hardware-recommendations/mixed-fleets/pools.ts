/** Machines that a mix is made of, and the pools they stand in. */
import { Type } from '@sinclair/typebox';
import { decimal, integer, nullableNumber, nullableText, number, text } from '../../answer-fields.ts';
import { choice, component, list, ref } from '../../component.ts';

const HourlyPlanSchema = component(
  'HourlyFleetPlan',
  {
    machines: list(Type.Integer({ description: 'Machines.' }), {
      description: 'Machines that each hour of the day needs, spares included.',
      examples: [[3, 3, 2, 2]],
    }),
    committedMachines: integer('Of those, on a commitment and running all month.', 2),
    machineHoursByTheHour: number('Machine-hours a month beyond those, paid by the hour, starts included.', 812),
    usdPerMonth: decimal('Cost of both together, USD a month.', '3100.0000'),
    flatUsdPerMonth: decimal('All machines of the busiest hour, all month.', '4400.0000'),
  },
  { description: 'The base of the load on a commitment and its peaks by the hour: the cheapest split there is.' },
);

const machineFields = {
  machineId: text(
    'Stable name within the answer.',
    'nvidia-l4-24gb/vllm/bf16/tp1@on_demand@gcp/us-east4@g2-standard-4',
  ),
  deviceId: text('Catalog device.', 'nvidia-l4-24gb'),
  deviceName: text('Name for people.', 'NVIDIA L4 24GB'),
  purchase: choice(['on_demand', 'spot', 'committed', 'owned'], {
    description: 'Way of paying.',
    examples: ['on_demand'],
  }),
  providerId: nullableText('Provider.', 'gcp'),
  regionId: nullableText('Region; null for prices without one.', 'gcp/us-east4'),
  sku: nullableText('Machine of the provider; null for owned hardware.', 'g2-standard-4'),
  priceId: nullableText('Catalog price; null for owned hardware.', 'gcp/us-east4/g2-standard-4/on_demand'),
  usdPerMachineHour: decimal(
    'Price of a machine, interruptions of spot capacity, and hall and power of owned hardware, included.',
    '0.7068',
  ),
  stalePrice: Type.Boolean({
    description: 'Whether the price is older than the limit of its category.',
    examples: [false],
  }),
} as const;

export const MachineTypeSchema = component(
  'FleetMachineType',
  {
    ...machineFields,
    devicesPerMachine: integer('Devices in a machine.', 1),
    replicasPerMachine: integer('Replicas that a machine holds.', 1),
  },
  { description: 'A machine that the mix could use.' },
);

export const FleetUseSchema = component(
  'FleetUse',
  {
    upfrontUsd: decimal('Paid before the first request: hardware bought, upfront payments. USD.', '120000.0000'),
    facilityKilowattHours: nullableNumber(
      'Energy of the facility in a month, cooling included; null where no power figure is known.',
      2100,
    ),
    carbonKilograms: nullableNumber(
      'Emissions of that energy, kg CO2e a month; null where no power figure is known.',
      830,
    ),
    ownFacilityKilowatts: nullableNumber(
      'The most that owned machines draw in your hall, cooling included; 0 for rented ones.',
      8.2,
    ),
    ownRacks: nullableNumber('Racks in your hall, each of machines of one kind; 0 for rented ones.', 3),
  },
  { description: 'What machines take besides their monthly cost, all of them running all month.' },
);

export const FleetPoolSchema = component(
  'FleetPool',
  {
    ...machineFields,
    machines: integer('Machines, spares included.', 9),
    devices: integer('Devices in these machines.', 9),
    replicas: integer('Replicas in these machines.', 9),
    linearMachines: integer('Machines that would be needed if small pools had no longer queues than large ones.', 8),
    requestSharePercent: number('Share of all requests.', 62.5),
    requestsPerSecond: number('Requests per second in the peak hour.', 21.7),
    meanPromptTokens: number('Mean prompt length of the requests that the pool serves.', 340),
    meanOutputTokens: number('Mean output length of the requests that the pool serves.', 180),
    ttftMsP95: number('Time to first token at the 95th percentile, ms, for its own mix and rate.', 210),
    timePerOutputTokenMsP95: number('Time per output token at the 95th percentile, ms.', 48),
    endToEndMsP95: number('Whole request at the 95th percentile, ms.', 9800),
    utilizationAtPeak: number('Load in the peak hour as a share of the rate at which a replica saturates.', 0.66),
    usdPerMonth: decimal('Cost of all machines of the pool, USD a month.', '4643.6760'),
    use: ref(FleetUseSchema, { description: 'What the machines of the pool take besides.' }),
    hourly: Type.Optional(ref(HourlyPlanSchema, { description: 'By the hour; only with hourlyLoad.' })),
  },
  { description: 'Machines of one type and the requests they serve.' },
);

export const SingleTypeFleetSchema = component(
  'SingleTypeFleet',
  {
    machineId: text(
      'Machine type, by its machineId.',
      'nvidia-l4-24gb/vllm/bf16/tp1@on_demand@gcp/us-east4@g2-standard-4',
    ),
    deviceName: text('Name for people.', 'NVIDIA L4 24GB'),
    machines: integer('Machines.', 15),
    usdPerMonth: decimal('Hardware.', '7739.4600'),
  },
  { description: 'The whole load on machines of one type.' },
);

const SplitPoolSchema = component(
  'SplitPool',
  {
    ...machineFields,
    machines: integer('Machines, spares included.', 4),
    devices: integer('Devices in these machines.', 4),
    utilizationAtPeak: number('Of the rate of the pool, losses of matching the two included.', 0.62),
  },
  { description: 'Machines of one role.' },
);

export const PrefillDecodeSchema = component(
  'PrefillDecodePools',
  {
    prefill: ref(SplitPoolSchema, { description: 'Where prompts are read.' }),
    decode: ref(SplitPoolSchema, { description: 'Where tokens are written.' }),
    usdPerMonth: decimal('Cost of the hardware of both pools, USD a month.', '7300.0000'),
    savingPercent: nullableNumber(
      'Against the mix above; negative where it costs more, null where the mix costs nothing and this something.',
      -8,
    ),
    transferMs: number(
      'KV cache of a mean prompt from one to the other, ms: over the network that the request gives, else 50 GB/s for each device.',
      3.2,
    ),
    ttftMsP95: number('Queue, prompt and transfer at the 95th percentile, ms.', 240),
    timePerOutputTokenMs: number('At the batch that the objective allows, ms.', 38),
  },
  { description: 'Prompts and tokens on pools of their own, in one region: the cheapest pair of machines.' },
);
