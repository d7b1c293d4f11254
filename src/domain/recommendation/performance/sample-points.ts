/** Every way of serving a model that works by the sample (vision, speech, encoders, images, ranking): device x number format. */
import type { Device } from '../../devices/device.ts';
import { AssumptionLog } from '../../economics/assumption.ts';
import type { ServedModel } from '../../estimate/resolve-model.ts';
import { runningHours } from '../../inference/monthly-costs.ts';
import { anchorsOfCohort } from '../../inference/sample/calibration.ts';
import { expectedRates, missedBy } from '../../inference/sample/choice.ts';
import { sampleOf } from '../../inference/sample/estimate-sample.ts';
import { sampleFormat } from '../../inference/sample/fields.ts';
import { type SampleReplicaPlan, sampleDevicesFor } from '../../inference/sample/load.ts';
import { sampleServing } from '../../inference/sample/serving.ts';
import { load, meanFleetUtilization } from '../../inference/workload.ts';
import { MILLISECONDS_PER_SECOND } from '../../units.ts';
import { noteReliability, sparesFor, steadyDownShare } from './availability.ts';
import { faultOfRefusals } from './family-fault.ts';
import type { EvaluatedPoints, FamilyFault, PerformancePoint } from './performance-point.ts';
import { servingPowers } from './point-energy.ts';
import { onEachDevice, type PointSearch } from './point-search.ts';

/** @throws RequestFaultError for fields that contradict each other, or belong to language models. */
export async function samplePoints(
  search: PointSearch,
  model: Exclude<ServedModel, { readonly kind: 'language' }>,
): Promise<EvaluatedPoints> {
  const { snapshot, request, log } = search;
  const { inference, constraints = {} } = request;
  const format = sampleFormat(inference, model.architecture.kind);
  const sample = sampleOf(model, inference, log).model;
  const demand = load(inference, log);
  const powerOf = servingPowers(snapshot);
  const anchors = anchorsOfCohort(sample.cohort);
  const hours = runningHours(inference, demand.activeHoursPerDay, 0, new AssumptionLog()).value;
  const target = constraints.availabilityPercent;
  if (target !== undefined) noteReliability(log);

  const fault = (one: FamilyFault): EvaluatedPoints => ({ points: [], faults: [one], evaluated: 1 });
  return onEachDevice(search, (device) => {
    const serving = sampleServing(sample, device, format, anchors);
    if (serving.status === 'refused') {
      return fault(faultOfRefusals(`${device.id}/${format ?? 'any'}`, device, serving.refusals));
    }
    const familyId = `${device.id}/${serving.format}`;
    const plan = sampleDevicesFor(expectedRates(serving), demand.arrivals, demand.objectives, 0);
    if (plan.devices === null) {
      return fault(faultOfSlowness(familyId, device, plan));
    }
    const spares =
      target === undefined ? demand.spareReplicas : sparesFor(plan.devices, target / 100, steadyDownShare(device, 1));
    if (spares === null) {
      return fault(faultOfRefusals(familyId, device, []));
    }
    const count = plan.devices + spares;
    const { utilization, latencySeconds } = plan.perDevice;
    const meanUtilization = meanFleetUtilization(utilization, plan.devices, count, demand, hours);
    const point: PerformancePoint = {
      id: familyId,
      device,
      preset: null,
      // the format is what the estimate picks for this device as well
      serving: inference.serving ?? {},
      spareReplicas: spares,
      devicesPerReplica: 1,
      servingReplicas: plan.devices,
      devices: count,
      devicesInOneNode: 1,
      hostMemoryBytes: null,
      clustered: false,
      paidHours: hours,
      utilizationAtPeak: utilization,
      meanUtilization,
      ttftMsP95: null,
      timePerOutputTokenMsP95: null,
      endToEndMsP95: latencySeconds.p95 * MILLISECONDS_PER_SECOND,
      memoryHeadroomPercent: null,
      // the formats of measured cases, which MLPerf admits within one percent of full quality
      accuracyPercent: serving.format === 'int8' || serving.format === 'fp8' ? MLPERF_QUALITY_PERCENT : 100,
      power: powerOf(device),
    };
    return { points: [point], faults: [], evaluated: 1 };
  });
}

/** MLPerf Inference rules, closed division: at least 99 % of the quality of the 32-bit reference. */
const MLPERF_QUALITY_PERCENT = 99;

function faultOfSlowness(familyId: string, device: Device, plan: SampleReplicaPlan): FamilyFault {
  const { missed } = plan;
  const actual = missedBy(plan) * MILLISECONDS_PER_SECOND;
  const finite = Number.isFinite(actual);
  return {
    familyId,
    device,
    constraint: missed?.objective ?? 'end_to_end_p95',
    detail: plan.reasons[0] ?? 'Even an idle device misses the latency objective.',
    required: missed === null ? null : missed.seconds * MILLISECONDS_PER_SECOND,
    actual: finite ? actual : null,
    unit: 'ms',
    remedy:
      finite && missed !== null
        ? { field: `/inference/objectives/${missed.field}`, to: Math.ceil(actual * 1.05) }
        : null,
  };
}
