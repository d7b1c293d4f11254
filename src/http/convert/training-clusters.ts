import type { Static } from '@sinclair/typebox';
import type { LimitChange } from '../../domain/recommendation/clusters/limit-changes.ts';
import type { OwnedAgainstRented } from '../../domain/recommendation/clusters/owned-against-rented.ts';
import {
  commitmentOf,
  type TrainingClusters,
  type TrainingLeftOut,
} from '../../domain/recommendation/clusters/training-clusters.ts';
import type { TrainingOption } from '../../domain/recommendation/clusters/training-option.ts';
import type {
  TrainingClusterRequestSchema,
  TrainingClustersSchema,
} from '../schemas/hardware-recommendations/training-clusters.ts';
import { BasisList, round, toApiFigure, toApiMoney } from './estimate-answer.ts';
import { type Pinnable, pinsOf, type Replay } from './replay.ts';

type Wire = Static<typeof TrainingClustersSchema>;

/** `request` is the caller's own with the pins written out. */
export function toApiTrainingClusters(
  clusters: TrainingClusters,
  request: Static<typeof TrainingClusterRequestSchema>,
  replay: Replay,
): Wire {
  const common = { summary: clusters.summary, leftOut: clusters.leftOut.map(leftOut), request, replay };
  if (clusters.status === 'infeasible') {
    const changes = clusters.relaxations.map(({ category, relaxation }) => ({
      purchase: category,
      relaxation,
    }));
    return { status: clusters.status, ...common, changes, limitChanges: clusters.limitChanges.map(limitChange) };
  }
  const bases = new BasisList();
  const { ownedAgainstRented } = clusters;
  const options = clusters.options.map((one) => option(one, request, replay, bases));
  const byPurchase = clusters.byPurchase.map((one) => option(one, request, replay, bases));
  return {
    status: clusters.status,
    ...common,
    options,
    byPurchase,
    ...(ownedAgainstRented !== null && { ownedAgainstRented: owned(ownedAgainstRented) }),
    bandBases: bases.list(),
  };
}

const limitChange = ({ field, to, option: { category, estimate, hardware } }: LimitChange) => ({
  field,
  to,
  purchase: category,
  deviceId: estimate.cluster.deviceId,
  deviceName: estimate.cluster.deviceName,
  devices: estimate.cluster.devices,
  wallClockDays: round(estimate.run.wallClockDays.p50),
  hardwareUsd: hardware.amount,
});

function option(one: TrainingOption, request: Pinnable, replay: Replay, bases: BasisList) {
  const { category, accepted, estimate, estimateRequest, hardware } = one;
  const commitment = commitmentOf(one);
  const { cluster, run, cost, prices } = estimate;
  return {
    purchase: category,
    accepted,
    deviceId: cluster.deviceId,
    deviceName: cluster.deviceName,
    devices: cluster.devices,
    nodes: cluster.nodes,
    providerId: cluster.providerId,
    regionId: cluster.regionId,
    country: cluster.country,
    wallClockDays: toApiFigure(run.wallClockDays, bases),
    deviceHours: toApiFigure(run.deviceHours, bases),
    goodput: round(run.goodput),
    expectedInterruptions: round(run.expectedInterruptions),
    checkpointIntervalMinutes: round(run.checkpointIntervalMinutes),
    ...(commitment !== null && {
      commitment: { termMonths: commitment.termMonths, usd: commitment.usd.toFixed(4) },
    }),
    hardwareUsd: hardware.amount,
    cost: toApiMoney(cost.total, bases),
    prices,
    estimateRequest: {
      ...estimateRequest,
      ...pinsOf(request, replay),
    },
  };
}

const owned = ({ owned: own, rented, utilizationPercent, breakEvenPercent }: OwnedAgainstRented) => ({
  ownedHardwareUsd: own.hardware.amount,
  rentedHardwareUsd: rented.hardware.amount,
  rentedAs: rented.category,
  ownedDeviceId: own.estimate.cluster.deviceId,
  rentedDeviceId: rented.estimate.cluster.deviceId,
  utilizationPercent: round(utilizationPercent),
  breakEvenUtilizationPercent: Number.isFinite(breakEvenPercent) ? round(breakEvenPercent) : null,
});

const leftOut = ({ category, constraint, detail, required, actual, unit, count, examples }: TrainingLeftOut) => ({
  purchase: category,
  constraint,
  detail,
  required,
  actual,
  margin: required === null || actual === null ? null : actual - required,
  unit,
  count,
  examples,
});
