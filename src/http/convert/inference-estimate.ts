import type { Static } from '@sinclair/typebox';
import type {
  CalibrationReport,
  FeasibleInference,
  InfeasibleInference,
  InferenceEstimate,
  OnDeviceReport,
  UncertainPercentiles,
} from '../../domain/inference/estimate-result.ts';
import { money } from '../../domain/money.ts';
import type { Band } from '../../domain/uncertainty/band.ts';
import type { InferenceEstimateRequestSchema } from '../schemas/estimates/inference/request.ts';
import type { InferenceEstimateSchema } from '../schemas/estimates/inference/response.ts';
import {
  BasisList,
  inWholeBytes,
  round,
  toApiAssumption,
  toApiConstraint,
  toApiCost,
  toApiEnergy,
  toApiFigure,
  toApiMoney,
  toApiRacks,
} from './estimate-answer.ts';
import type { Replay } from './replay.ts';

type Wire = Static<typeof InferenceEstimateSchema>;
type Request = Static<typeof InferenceEstimateRequestSchema>;

/** `request` is the caller's own with the pins written out. */
export const toApiInferenceEstimate = (estimate: InferenceEstimate, request: Request, replay: Replay): Wire =>
  estimate.status === 'feasible' ? feasible(estimate, request, replay) : infeasible(estimate, request, replay);

function feasible(estimate: FeasibleInference, request: Request, replay: Replay): Wire {
  const bases = new BasisList();
  return {
    status: 'feasible',
    summary: estimate.summary,
    workload: workload(estimate.workload),
    deployment: deploymentOf(estimate.deployment),
    selection: {
      rule: estimate.selection.rule,
      alternatives: estimate.selection.alternatives.map((alternative) => ({
        ...alternative,
        usdPerMonth: money(alternative.usdPerMonth, 'USD').amount,
      })),
      excluded: estimate.selection.excluded,
    },
    costPerMonth: toApiCost(estimate.costPerMonth, bases),
    costPerRequest: toApiMoney(estimate.costPerRequest, bases),
    ...(estimate.costPerThousandSamples !== undefined && {
      costPerThousandSamples: toApiMoney(estimate.costPerThousandSamples, bases),
    }),
    ...(estimate.costPerMillionTokens !== null && {
      costPerMillionTokens: toApiMoney(estimate.costPerMillionTokens, bases),
    }),
    ...(estimate.costPerMillionOutputTokens !== null && {
      costPerMillionOutputTokens: toApiMoney(estimate.costPerMillionOutputTokens, bases),
    }),
    performance: performance(estimate.performance, bases),
    ...(estimate.memory !== null && {
      memory: {
        ...inWholeBytes(estimate.memory),
        kvBytesPerToken: round(estimate.memory.kvBytesPerToken),
        maxConcurrentSequences: round(estimate.memory.maxConcurrentSequences),
        largestContextTokens: Math.floor(estimate.memory.largestContextTokens),
      },
    }),
    ...(estimate.energyPerMonth !== null && { energyPerMonth: toApiEnergy(estimate.energyPerMonth, bases) }),
    ...(estimate.racks !== null && { racks: toApiRacks(estimate.racks) }),
    ...(estimate.coldStart !== null && {
      coldStart: {
        seconds: toApiFigure(estimate.coldStart.seconds, bases),
        weightsGigabytes: round(estimate.coldStart.weightsGigabytes),
      },
    }),
    ...(estimate.onDevice !== undefined && { onDevice: onDevice(estimate.onDevice, bases) }),
    ...(estimate.calibration !== null && { calibration: calibration(estimate.calibration) }),
    bindingConstraint: toApiConstraint(estimate.bindingConstraint),
    assumptions: estimate.assumptions.map(toApiAssumption),
    prices: estimate.prices,
    bandBases: bases.list(),
    request,
    replay,
  };
}

const infeasible = (estimate: InfeasibleInference, request: Request, replay: Replay): Wire => ({
  status: 'infeasible',
  summary: estimate.summary,
  workload: workload(estimate.workload),
  reasons: estimate.reasons,
  elsewhere: estimate.elsewhere,
  ...(estimate.relaxation !== null && { relaxation: estimate.relaxation }),
  assumptions: estimate.assumptions.map(toApiAssumption),
  request,
  replay,
});

const onDevice = (report: OnDeviceReport, bases: BasisList) => ({
  devices: report.devices,
  requestsPerDevicePerDay: round(report.requestsPerDevicePerDay),
  memoryOfDeviceBytes: round(report.memoryOfDeviceBytes),
  memoryForAppBytes: round(report.memoryForAppBytes),
  memoryNeededBytes: round(report.memoryNeededBytes),
  outputTokensPerSecond: toApiFigure(report.outputTokensPerSecond, bases),
  answerSeconds: toApiFigure(report.answerSeconds, bases),
  ...(report.energyPerAnswerJoules !== null && {
    energyPerAnswerJoules: toApiFigure(report.energyPerAnswerJoules, bases),
  }),
  ...(report.batteryPercentPerAnswer !== null && {
    batteryPercentPerAnswer: toApiFigure(report.batteryPercentPerAnswer, bases),
  }),
  ...(report.batteryPercentPerDay !== null && {
    batteryPercentPerDay: toApiFigure(report.batteryPercentPerDay, bases),
  }),
  downloadGigabytes: round(report.downloadGigabytes),
  ...(report.heat !== null && { heat: report.heat }),
});

const calibration = ({ metrics }: CalibrationReport) => ({
  metrics: metrics.map(({ metric, points, before, after }) => ({
    metric,
    points,
    before: roundedBand(before),
    after: roundedBand(after),
  })),
});

const roundedBand = ({ p10, p50, p90 }: Band) => ({ p10: round(p10), p50: round(p50), p90: round(p90) });

const workload = (report: FeasibleInference['workload']) => ({
  ...report,
  peakRequestsPerSecond: round(report.peakRequestsPerSecond),
  promptTokensMean: report.promptTokensMean === null ? null : round(report.promptTokensMean),
  outputTokensMean: report.outputTokensMean === null ? null : round(report.outputTokensMean),
});

function performance(report: FeasibleInference['performance'], bases: BasisList) {
  const percentiles = (values: UncertainPercentiles) => ({
    p50: toApiFigure(values.p50, bases),
    p90: toApiFigure(values.p90, bases),
    p95: toApiFigure(values.p95, bases),
    p99: toApiFigure(values.p99, bases),
  });
  if (report.kind === 'vision') {
    return {
      kind: 'vision' as const,
      imagesPerSecondPerDevice: toApiFigure(report.imagesPerSecondPerDevice, bases),
      singleStreamMs: toApiFigure(report.singleStreamMs, bases),
      eightImagesMs: toApiFigure(report.eightImagesMs, bases),
      latencyMs: percentiles(report.latencyMs),
      utilizationAtPeak: toApiFigure(report.utilizationAtPeak, bases),
      promise: report.promise,
      evidence: report.evidence,
      anchorIds: report.anchorIds,
    };
  }
  if (report.kind === 'sample') {
    return {
      kind: 'sample' as const,
      unit: report.unit,
      samplesPerSecondPerDevice: toApiFigure(report.samplesPerSecondPerDevice, bases),
      singleStreamMs: toApiFigure(report.singleStreamMs, bases),
      latencyMs: percentiles(report.latencyMs),
      utilizationAtPeak: toApiFigure(report.utilizationAtPeak, bases),
      promise: report.promise,
      evidence: report.evidence,
      latencyEvidence: report.latencyEvidence,
      flopsPerSample: round(report.flopsPerSample),
      anchorIds: report.anchorIds,
    };
  }
  const { compute, memory, attention, communication, launch, head, engine } = report.timeShares;
  return {
    kind: 'language' as const,
    ttftMs: percentiles(report.ttftMs),
    timePerOutputTokenMs: percentiles(report.timePerOutputTokenMs),
    endToEndMs: percentiles(report.endToEndMs),
    queueMs: percentiles(report.queueMs),
    saturationRequestsPerSecondPerReplica: toApiFigure(report.saturationRequestsPerSecondPerReplica, bases),
    saturationOutputTokensPerSecondPerReplica: toApiFigure(report.saturationOutputTokensPerSecondPerReplica, bases),
    utilizationAtPeak: toApiFigure(report.utilizationAtPeak, bases),
    meanConcurrencyPerReplica: round(report.meanConcurrencyPerReplica),
    promise: report.promise,
    timeShares: {
      compute: round(compute),
      memory: round(memory),
      attention: round(attention),
      communication: round(communication),
      launch: round(launch),
      head: round(head),
      engine: round(engine),
    },
  };
}

const deploymentOf = ({ pools, ...deployment }: FeasibleInference['deployment']) => ({
  ...deployment,
  ...(pools !== null && {
    pools: {
      ...pools,
      kvMegabytesPerRequest: round(pools.kvMegabytesPerRequest),
      kvTransferMs: round(pools.kvTransferMs),
      linkGbPerSecondPerDevice: round(pools.linkGbPerSecondPerDevice),
    },
  }),
});
