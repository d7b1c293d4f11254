/** devices.ndjson and systems.ndjson. */
import {
  CLAIM_METRICS,
  type ClaimMetric,
  type ClaimUnit,
  COMPUTE_FORMATS,
  DEVICE_CLASSES,
  type Device,
  type DeviceClaim,
  LINK_TOPOLOGIES,
  type SystemSpec,
} from '../../domain/devices/device.ts';
import { figuresOfClaims } from '../resolve-entries.ts';
import type { ProvenanceReader } from './publications.ts';
import { readNdjson, type SeedRow } from './row.ts';

const UNIT_OF_METRIC: Readonly<Record<ClaimMetric, ClaimUnit>> = {
  peak_flops: 'flop_per_second',
  memory: 'bytes',
  memory_bandwidth: 'bytes_per_second',
  link_bandwidth: 'bytes_per_second',
  tdp: 'watts',
  idle_power: 'watts',
  provisioned_power: 'watts',
};

/** What a device has that nobody claims anything about. */
const NO_FIGURES = {
  densePeakFlops: {},
  memoryBytes: null,
  memoryBandwidthBytesPerSecond: null,
  tdpWatts: null,
  idleWatts: null,
  provisionedWatts: null,
  linkBytesPerSecond: null,
};

const readClaim = (row: SeedRow, provenance: ProvenanceReader): DeviceClaim => {
  const metric = row.oneOf('metric', CLAIM_METRICS);
  if (row.has('format') !== (metric === 'peak_flops')) row.fail('format', 'belongs to peak_flops, and only to it');
  return {
    metric,
    format: metric === 'peak_flops' ? row.oneOf('format', COMPUTE_FORMATS) : null,
    sparsity: row.has('sparsity') ? row.oneOf('sparsity', ['dense', 'sparse']) : 'dense',
    value: row.positive('value'),
    unit: UNIT_OF_METRIC[metric],
    sourceRank: row.positive('rank'),
    ...provenance(row),
  };
};

export const readDevices = (provenance: ProvenanceReader): readonly Device[] =>
  readNdjson('devices.ndjson').map((row) => {
    const claims = row.rows('claims').map((claim) => readClaim(claim, provenance));
    return {
      id: row.text('id'),
      name: row.text('name'),
      aliases: row.texts('aliases'),
      vendor: row.text('vendor'),
      class: row.oneOf('class', DEVICE_CLASSES),
      releaseYear: row.numberOrNull('releaseYear'),
      formFactor: row.text('formFactor'),
      ...NO_FIGURES,
      ...figuresOfClaims(claims),
      linkTopology: row.oneOf('linkTopology', LINK_TOPOLOGIES),
      linkDomainDevices: row.positive('linkDomainDevices'),
      pcieGeneration: row.positiveOrNull('pcieGeneration'),
      devicesPerNode: row.positive('devicesPerNode'),
      notes: row.textOrNull('notes'),
      claims,
    };
  });

export const readSystems = (provenance: ProvenanceReader): readonly SystemSpec[] =>
  readNdjson('systems.ndjson').map((row) => ({
    id: row.text('id'),
    name: row.text('name'),
    deviceId: row.textOrNull('deviceId'),
    deviceCount: row.count('deviceCount'),
    hostCpu: row.textOrNull('hostCpu'),
    hostMemoryBytes: row.positiveOrNull('hostMemoryBytes'),
    networkBytesPerSecondPerDevice: row.positiveOrNull('networkBytesPerSecondPerDevice'),
    nodePowerWatts: {
      max: row.positiveOrNull('maxWatts'),
      typicalTraining: row.positiveOrNull('typicalTrainingWatts'),
      inferenceMean: row.positiveOrNull('inferenceMeanWatts'),
      idle: row.positiveOrNull('idleWatts'),
    },
    rackWatts: row.positiveOrNull('rackWatts'),
    cooling: row.textOrNull('cooling'),
    ...provenance(row),
  }));
