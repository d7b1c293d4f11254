/** One way of serving the load, whatever it is paid and wherever it stands: evaluated once, joined to many prices. */
import type { Device } from '../../devices/device.ts';
import type { PriceOption } from '../../economics/price-selection.ts';
import type { DevicePower } from '../../energy/index.ts';
import type { PurchaseCategory } from '../../estimate/selectors.ts';
import { paidHours } from '../../inference/monthly-costs.ts';
import type { Serving } from '../../inference/request.ts';
import type { OptimizationPreset } from '../presets/optimization-presets.ts';
import type { InferenceWorkload } from '../request.ts';

export interface PerformancePoint {
  /** "<device>/<engine>/<weight format>/tp<n>", or "<device>/<format>" for models that work by the sample. */
  readonly id: string;
  readonly device: Device;
  /** Null for the workload as it stands. */
  readonly preset: OptimizationPreset | null;
  /** What pins it in a request for an estimate. */
  readonly serving: Serving;
  readonly spareReplicas: number;
  readonly devicesPerReplica: number;
  readonly servingReplicas: number;
  /** Spares included. */
  readonly devices: number;
  /** Devices that must share one machine. */
  readonly devicesInOneNode: number;
  /** Memory of the machine per device that the point counts on; null where the device has its own. */
  readonly hostMemoryBytes: number | null;
  readonly clustered: boolean;
  /** Hours a month that devices are paid for; those in which they run until terms are joined to the point. */
  readonly paidHours: number;
  /** Of the saturation rate of a serving replica at the peak hour. */
  readonly utilizationAtPeak: number;
  /** Of all devices over the hours paid for, spares included. */
  readonly meanUtilization: number;
  /** 95th percentiles as reported, ms; null where the model streams no tokens. */
  readonly ttftMsP95: number | null;
  readonly timePerOutputTokenMsP95: number | null;
  /** The whole request. */
  readonly endToEndMsP95: number;
  /** Percent of the memory that the engine may use; null where memory is not modelled. */
  readonly memoryHeadroomPercent: number | null;
  /** Percent of the score of the published weights; null where it is not measured. */
  readonly accuracyPercent: number | null;
  /** Null where no power figure is known. */
  readonly power: DevicePower | null;
}

/** The same point on terms by which more hours are paid for than it runs. */
export function onTerms(point: PerformancePoint, category: PurchaseCategory): PerformancePoint {
  const hours = paidHours(point.paidHours, category);
  if (hours === point.paidHours) return point;
  return { ...point, paidHours: hours, meanUtilization: (point.meanUtilization * point.paidHours) / hours };
}

/** The workload that a point serves. */
export const inferenceAt = (inference: InferenceWorkload, { preset }: PerformancePoint): InferenceWorkload =>
  preset === null ? inference : preset.apply(inference);

/** Why no point of a family (a device with one engine and format, at any parallelism) carries the load. */
export interface FamilyFault {
  readonly familyId: string;
  readonly device: Device;
  readonly constraint: string;
  readonly detail: string;
  readonly required: number | null;
  readonly actual: number | null;
  readonly unit: string | null;
  /** The field and the least value of it that would let the family in; null where no value does. */
  readonly remedy: { readonly field: string; readonly to: number | string } | null;
}

export interface EvaluatedPoints {
  readonly points: readonly PerformancePoint[];
  readonly faults: readonly FamilyFault[];
  /** Configurations looked at, those that cannot run included. */
  readonly evaluated: number;
}

export const hostHasMemory = ({ hostMemoryBytes }: PerformancePoint, { offer }: PriceOption): boolean =>
  hostMemoryBytes === null ||
  offer.memoryBytes === null ||
  offer.memoryBytes / Math.max(offer.deviceCount, 1) >= hostMemoryBytes;
