import type { Static } from '@sinclair/typebox';
import { refuse } from '../../domain/estimate/request-fault.ts';
import type { BeyondAnswers } from '../../domain/placement/beyond/answers.ts';
import type { Check } from '../../domain/placement/check.ts';
import type { EdgeReport } from '../../domain/placement/edge-report.ts';
import type { Proof } from '../../domain/placement/plan.ts';
import type { PlacedOption, Placement, RejectedOption, StageReport } from '../../domain/placement/result.ts';
import type { PlacementRequestSchema } from '../schemas/deployment-placements/request.ts';
import type { DeploymentPlacementSchema } from '../schemas/deployment-placements/response.ts';
import { BasisList, round, toApiAssumption, toApiCost } from './estimate-answer.ts';
import type { Replay } from './replay.ts';

type Wire = Static<typeof DeploymentPlacementSchema>;
type Request = Static<typeof PlacementRequestSchema>;

/**
 * A site that names a region and no kind is that region of a cloud.
 * @throws RequestFaultError at a site that names neither
 */
export const withSiteKinds = ({ sites, ...request }: Request) => ({
  ...request,
  ...(sites !== undefined && {
    sites: sites.map((site, index) => ({
      ...site,
      kind:
        site.kind ??
        (site.region === undefined
          ? refuse(`/sites/${index}/kind`, 'required', 'Say what kind of place it is, or name a cloud region.')
          : ('cloud_region' as const)),
    })),
  }),
});

const proofOf = ({ leftOut, objective, bound, gap, ...work }: Proof) => ({
  ...work,
  objective: maybe(objective),
  bound: maybe(bound),
  gap: maybe(gap),
  ...(leftOut > 0 && { optionsLeftOut: leftOut }),
});

/** `request` is the caller's own with the pins written out. */
export function toApiPlacement(placement: Placement, request: Request, replay: Replay): Wire {
  const common = {
    summary: placement.summary,
    stages: placement.stages.map(stageReport),
    ...(placement.proof !== null && { proof: proofOf(placement.proof) }),
    assumptions: placement.assumptions.map(toApiAssumption),
    legalNotice: placement.legalNotice,
    request,
    replay,
  };
  if (placement.status === 'undecided') return { status: 'undecided', ...common };
  if (placement.status === 'infeasible') {
    const { conflict, changes, verified, usdPerMonthThen, elsewhere } = placement;
    return {
      status: 'infeasible',
      ...common,
      conflict,
      changes,
      verified,
      usdPerMonthThen,
      ...(elsewhere !== null && { elsewhere }),
    };
  }
  const bases = new BasisList();
  return {
    status: 'feasible',
    ...common,
    placements: placement.placements.map(placed),
    costPerMonth: toApiCost(placement.costPerMonth, bases),
    carbonKilogramsPerMonth: maybe(placement.carbonKilogramsPerMonth),
    machines: placement.machines,
    traffic: placement.traffic.map((flow) => ({
      ...flow,
      gigabytesPerMonth: round(flow.gigabytesPerMonth),
      bytesPerSecond: round(flow.bytesPerSecond),
    })),
    edge: placement.edge.map(edge),
    accuracy: placement.accuracy,
    ...beyond(placement.beyond),
    prices: placement.prices,
    bandBases: bases.list(),
  };
}

const beyond = ({ pareto, insist, flips, failover }: BeyondAnswers) => ({
  ...(pareto !== null && {
    pareto: pareto.map(({ points, ...front }) => ({
      ...front,
      points: points.map((point) => ({
        ...point,
        carbonKilogramsPerMonth: maybe(point.carbonKilogramsPerMonth),
        p95Ms: round(point.p95Ms),
        slope: maybe(point.slope),
        gap: maybe(point.gap),
      })),
    })),
  }),
  ...(insist !== null && { insist }),
  ...(flips !== null && {
    flips: flips.map((flip) => ({ ...flip, carbonKilogramsPerMonth: maybe(flip.carbonKilogramsPerMonth) })),
  }),
  ...(failover !== null && { failover }),
});

const maybe = (value: number | null): number | null => (value === null ? null : round(value));

function placed({ latencyMs, serviceMs, checks, estimateRequest, trainingRequest, ...option }: PlacedOption) {
  const percentiles = ({ p50, p95, p99 }: PlacedOption['serviceMs']) => ({
    p50: round(p50),
    p95: round(p95),
    p99: round(p99),
  });
  return {
    ...option,
    requestsPerDay: round(option.requestsPerDay),
    carbonKilogramsPerMonth: maybe(option.carbonKilogramsPerMonth),
    facilityKilowatts: maybe(option.facilityKilowatts),
    serviceMs: percentiles(serviceMs),
    latencyMs: { ...percentiles(latencyMs), boundP95: round(latencyMs.boundP95) },
    checks: checks.map(check),
    ...(estimateRequest !== null && { estimateRequest: estimateRequest as never }),
    ...(trainingRequest !== null && { trainingRequest: trainingRequest as never }),
  };
}

const edge = ({ upload, offline, updates, field, ...placed }: EdgeReport) => ({
  ...placed,
  upload: {
    rawGigabytesPerMonth: round(upload.rawGigabytesPerMonth),
    sentGigabytesPerMonth: round(upload.sentGigabytesPerMonth),
    savedGigabytesPerMonth: round(upload.savedGigabytesPerMonth),
    savedShare: round(upload.savedShare),
    rawMegabitsPerSecondPerLine: round(upload.rawMegabitsPerSecondPerLine),
    sentMegabitsPerSecondPerLine: round(upload.sentMegabitsPerSecondPerLine),
    savedUsdPerMonth: upload.savedUsdPerMonth,
  },
  ...(offline !== null && {
    offline: {
      ...offline,
      backlogGigabytes: round(offline.backlogGigabytes),
      catchUpHours: maybe(offline.catchUpHours),
    },
  }),
  updates: {
    perMonth: updates.perMonth,
    gigabytesPerMonth: round(updates.gigabytesPerMonth),
    hoursPerUpdate: maybe(updates.hoursPerUpdate),
    usdPerMonth: updates.usdPerMonth,
  },
  field: { ...field, visitsPerYear: maybe(field.visitsPerYear) },
});

const check = ({ id, ok, rule, detail, required, actual, margin, unit, change }: Check) => ({
  check: id,
  ok,
  rule,
  detail,
  required: maybe(required),
  actual: maybe(actual),
  margin: maybe(margin),
  unit,
  ...(change !== null && { change }),
});

const rejected = ({ failures, ...option }: RejectedOption) => ({ ...option, failures: failures.map(check) });

const stageReport = ({ options, rejected: closest, alternatives, ...report }: StageReport) => ({
  ...report,
  feasibleOptions: options.feasible,
  rejectedOptions: options.rejected,
  dearerOptions: options.dearer,
  dearerFromUsdPerMonth: options.dearerFromUsdPerMonth,
  dearerExcluded: options.dearerExcluded,
  rejected: closest.map(rejected),
  alternatives: alternatives.map((it) => ({ ...it, p95Ms: maybe(it.p95Ms) })),
});
