/** Every way of serving a language model: device x engine x weight format x tensor parallelism, with the replicas each needs. */
import type { Device } from '../../devices/device.ts';
import { AssumptionLog } from '../../economics/assumption.ts';
import type { NamedModel } from '../../estimate/resolve-model.ts';
import { candidateConfigurations, defaultEngine } from '../../inference/language/candidates.ts';
import { coldStartOf } from '../../inference/language/cold-start.ts';
import {
  leastServingReplicas,
  missOf,
  type ServingQuestion,
  sizedCandidate,
} from '../../inference/language/device-choice.ts';
import { languageQuestion } from '../../inference/language/estimate-language.ts';
import { formatsAsWide, smallestConfiguration } from '../../inference/language/setups.ts';
import type { Replica } from '../../inference/load/replica.ts';
import { runningHours } from '../../inference/monthly-costs.ts';
import type { Serving } from '../../inference/request.ts';
import {
  replicaDevices,
  type ServingConfiguration,
  sparesOf,
  type WeightFormat,
} from '../../inference/step/configuration.ts';
import { checkConfiguration, missingFigures } from '../../inference/step/feasibility.ts';
import { runnableWeightFormats } from '../../inference/step/formats.ts';
import type { ReplicaPlan } from '../../inference/step/results.ts';
import { sharesHeads } from '../../inference/step/tensor-ranks.ts';
import { meanFleetUtilization } from '../../inference/workload.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { GIB, MILLISECONDS_PER_SECOND } from '../../units.ts';
import type { InferenceRecommendationRequest } from '../request.ts';
import { accuracyKeptPercent } from './accuracy.ts';
import { noteReliability, sparesFor, steadyDownShare } from './availability.ts';
import { faultOfMiss, faultOfRefusals } from './family-fault.ts';
import type { EvaluatedPoints, FamilyFault, PerformancePoint } from './performance-point.ts';
import { servingPowers } from './point-energy.ts';
import { onEachDevice, type PointSearch, type Pruning } from './point-search.ts';

/** @throws RequestFaultError for fields that contradict each other. */
export async function languagePoints(
  search: PointSearch,
  model: NamedModel<LanguageArchitecture>,
): Promise<EvaluatedPoints> {
  const { snapshot, request, at, log, pause, pruning } = search;
  const { inference, constraints = {} } = request;
  const { question, hosted } = languageQuestion(snapshot, inference, model.architecture, at, log);
  const powerOf = servingPowers(snapshot);
  const availability = constraints.availabilityPercent;
  if (availability !== undefined) noteReliability(log);

  const hoursOf = (configuration: ServingConfiguration): number => {
    const quiet = new AssumptionLog();
    const scalesToZero = inference.scaling?.mode === 'scale_to_zero';
    const coldStartSeconds = scalesToZero ? coldStartOf(inference, configuration, quiet).seconds.p50 : 0;
    return runningHours(inference, question.load.activeHoursPerDay, coldStartSeconds, quiet).value;
  };

  const isWorthwhile = ({ isWorthwhile: beatsBest }: Pruning, candidate: Replica, asked: ServingQuestion): boolean => {
    const serving = leastServingReplicas(candidate, asked);
    if (serving === null) return true;
    const { configuration } = candidate;
    const spares = availability === undefined ? sparesOf(candidate.configuration, question.load.spareReplicas) : 0;
    const leastDevices = (serving + spares) * replicaDevices(configuration);
    return beatsBest({ device: configuration.device, leastDevices, runningHours: hoursOf(configuration) });
  };

  return onEachDevice(search, async (bare) => {
    const points: PerformancePoint[] = [];
    const faults: FamilyFault[] = [];
    let evaluated = 0;
    const { device } = hosted(bare);
    for (const engine of request.engines ?? [question.base.engine ?? defaultEngine(device)]) {
      for (const family of familiesOn(device, { ...question, base: { ...question.base, engine } }, constraints)) {
        await pause();
        const { familyId, question: narrowed } = family;
        let found = false;
        const missed: Replica[] = [];
        for (const candidate of parallelisms(device, narrowed)) {
          evaluated++;
          if (pruning !== null && !isWorthwhile(pruning, candidate, narrowed)) continue;
          const sized = sizedCandidate(candidate, narrowed, false);
          if ('refusals' in sized) {
            if (sized.refusals.length === 0) missed.push(candidate);
            continue;
          }
          if ('missed' in sized) continue;
          const { servingReplicas, reached } = sized;
          const { configuration, memory } = candidate;
          const devicesPerReplica = replicaDevices(configuration);
          const spares =
            availability === undefined
              ? sparesOf(configuration, question.load.spareReplicas)
              : sparesFor(servingReplicas, availability / 100, steadyDownShare(device, devicesPerReplica));
          if (spares === null) continue;
          found = true;
          const count = (servingReplicas + spares) * devicesPerReplica;
          const hours = hoursOf(configuration);
          const utilizationAtPeak = reached('utilization');
          const meanUtilization = meanFleetUtilization(
            utilizationAtPeak,
            servingReplicas,
            servingReplicas + spares,
            question.load,
            hours,
          );
          const clustered = configuration.pipelineParallel > 1;
          points.push({
            id: `${familyId}/tp${configuration.tensorParallel}`,
            device,
            preset: null,
            serving: pinned(inference.serving, configuration, bare.memoryBytes === null),
            spareReplicas: spares,
            devicesPerReplica,
            servingReplicas,
            devices: count,
            devicesInOneNode: configuration.tensorParallel,
            hostMemoryBytes: bare.memoryBytes === null ? device.memoryBytes : memory.offloadedBytes || null,
            clustered,
            paidHours: hours,
            utilizationAtPeak,
            meanUtilization,
            ttftMsP95: reached('ttft_p95') * MILLISECONDS_PER_SECOND,
            timePerOutputTokenMsP95: reached('tpot_p95') * MILLISECONDS_PER_SECOND,
            endToEndMsP95: reached('end_to_end_p95') * MILLISECONDS_PER_SECOND,
            memoryHeadroomPercent: (100 * memory.headroomBytes) / memory.usableBytes,
            accuracyPercent: accuracyKeptPercent(configuration.weightFormat, model.architecture.nativeWeightFormat),
            power: powerOf(device),
          });
        }
        if (found || pruning !== null) continue;
        // by how much objectives are missed is worked out only where nothing of the family holds them
        const nearMiss = nearestMiss(missed, narrowed);
        faults.push(
          nearMiss === undefined
            ? faultOfRefusals(
                familyId,
                device,
                checkConfiguration(smallestConfiguration(device, narrowed), narrowed.lengths),
              )
            : faultOfMiss(familyId, device, nearMiss),
        );
      }
    }
    return { points, faults, evaluated };
  });
}

function nearestMiss(candidates: readonly Replica[], question: ServingQuestion): ReplicaPlan | undefined {
  let nearest: ReplicaPlan | undefined;
  for (const candidate of candidates) {
    const sized = sizedCandidate(candidate, question);
    if (!('missed' in sized)) continue;
    if (nearest === undefined || missOf(sized.missed) < missOf(nearest)) nearest = sized.missed;
  }
  return nearest;
}

interface Family {
  readonly familyId: string;
  readonly question: ServingQuestion;
}

/** Formats that keep the accuracy asked for: the published width, and narrower ones where the floor allows them. */
function familiesOn(
  device: Device,
  question: ServingQuestion,
  { minAccuracyPercent }: NonNullable<InferenceRecommendationRequest['constraints']>,
): Family[] {
  const { base, model } = question;
  const engine = base.engine ?? defaultEngine(device);
  const family = (weightFormat: WeightFormat): Family => ({
    familyId: `${device.id}/${engine}/${weightFormat}`,
    question: { ...question, base: { ...base, engine, weightFormat } },
  });
  if (base.weightFormat !== undefined) return [family(base.weightFormat)];
  if (missingFigures(device).length > 0) return [family('bf16')];
  const wide = formatsAsWide(model, device, { ...base, engine });
  const narrower = runnableWeightFormats(device, engine).filter((format) => {
    if (minAccuracyPercent === undefined || wide.includes(format)) return false;
    const kept = accuracyKeptPercent(format, model.nativeWeightFormat);
    return kept !== null && kept < 100 && kept >= minAccuracyPercent;
  });
  const formats = [...wide, ...narrower];
  // nothing as wide as published runs here: the family is named after what was asked for
  return formats.length > 0 ? formats.map(family) : [family((model.nativeWeightFormat ?? 'bf16') as WeightFormat)];
}

/** Every power of two of devices that share a layer, inside the node or the link domain. */
function* parallelisms(device: Device, { model, lengths, base }: ServingQuestion): Generator<Replica> {
  const options = { weightFormats: null, maxDevices: null };
  if (base.tensorParallel !== undefined) {
    yield* candidateConfigurations(model, device, lengths, base, options);
    return;
  }
  const most = Math.max(device.devicesPerNode, device.linkDomainDevices, 1);
  for (let tensorParallel = 1; tensorParallel <= most; tensorParallel *= 2) {
    if (!sharesHeads(model, tensorParallel)) return;
    yield* candidateConfigurations(model, device, lengths, { ...base, tensorParallel }, options);
  }
}

const pinned = (given: Serving | undefined, configuration: ServingConfiguration, hostMemory: boolean): Serving => ({
  ...given,
  engine: configuration.engine,
  weightFormat: configuration.weightFormat,
  kvCacheFormat: configuration.kvCacheFormat,
  tensorParallel: configuration.tensorParallel,
  ...(configuration.pipelineParallel > 1 && { pipelineParallel: configuration.pipelineParallel }),
  // a processor has the memory of its host: the one that the point was worked out with
  ...(hostMemory && { hostMemoryGibPerSocket: (configuration.device.memoryBytes ?? 0) / GIB }),
});
