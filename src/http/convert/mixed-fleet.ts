import type { Static } from '@sinclair/typebox';
import type { FleetMachine } from '../../domain/fleet/machine-types.ts';
import type { MixLimit, MixUse } from '../../domain/fleet/mix-limits.ts';
import { lengthsOf } from '../../domain/fleet/pool-capacity.ts';
import type { PrefillDecode, SplitPool } from '../../domain/fleet/prefill-decode.ts';
import type { FleetPoolReport, MixedFleetRecommendation } from '../../domain/fleet/recommend-fleet.ts';
import { savingPercentOf } from '../../domain/fleet/saving.ts';
import { money } from '../../domain/money.ts';
import { HOURS_PER_MONTH, MILLISECONDS_PER_SECOND } from '../../domain/units.ts';
import type { MixedFleetRequestSchema } from '../schemas/hardware-recommendations/mixed-fleets/request.ts';
import type { MixedFleetSchema } from '../schemas/hardware-recommendations/mixed-fleets/response.ts';
import { round, toApiAssumption } from './estimate-answer.ts';
import { toApiChange, toApiLeftOut } from './recommendation.ts';
import type { Replay } from './replay.ts';

type Wire = Static<typeof MixedFleetSchema>;

/** `request` is the caller's own with the pins written out. */
export function toApiMixedFleet(
  fleet: MixedFleetRecommendation,
  request: Static<typeof MixedFleetRequestSchema>,
  replay: Replay,
): Wire {
  const { summary, modelId } = fleet;
  const assumptions = fleet.assumptions.map((assumption) => {
    const wire = toApiAssumption(assumption);
    return { ...wire, field: `/inference${wire.field}` };
  });
  const common = { summary, modelId, assumptions, request, replay };
  if (fleet.status === 'infeasible') {
    const smallestChanges = fleet.smallestChanges.map(({ changes, total }) => ({
      changes: changes.map(toApiChange),
      usdPerMonth: total.amount,
    }));
    const missedLimits = fleet.missed.map(({ limit, least }) => ({
      ...limitOf(limit),
      leastPossible: least === null ? null : round(least),
      margin: least === null ? null : round(least - limit.most),
    }));
    return { status: fleet.status, ...common, smallestChanges, missedLimits, leftOut: toApiLeftOut(fleet.leftOut) };
  }
  const { solution, rounds, shares } = fleet.solved;
  const { prefillDecode } = fleet;
  return {
    status: fleet.status,
    ...common,
    requestsPerSecond: round(fleet.requestsPerSecond),
    place: {
      providerId: fleet.place.providerId,
      regionId: fleet.place.regionId,
      country: fleet.place.country,
      compared: fleet.places.compared,
      solved: fleet.places.solved,
      restAtLeastUsdPerMonth:
        fleet.places.restAtLeastUsdPerHour === null
          ? null
          : money(fleet.places.restAtLeastUsdPerHour * HOURS_PER_MONTH, 'USD').amount,
    },
    usdPerMonth: fleet.total.amount,
    costPerMonth: fleet.total,
    use: used(fleet.use),
    limits: fleet.limits.map(({ limit, actual }) => ({ ...limitOf(limit), actual: round(actual) })),
    pools: fleet.pools.map(pool),
    singleTypes: fleet.singles.map(({ machine, count, total }) => ({
      machineId: machine.id,
      deviceName: machine.option.point.device.name,
      machines: count,
      usdPerMonth: total.amount,
    })),
    savingPercent: fleet.savingPercent === null ? null : round(fleet.savingPercent),
    assignment: fleet.sizes.map(({ promptTokens, outputTokens, share }, index) => ({
      promptTokens: round(promptTokens),
      outputTokens: round(outputTokens),
      sharePercent: round(100 * share),
      machineShares: fleet.machines.flatMap(({ id }, type) => {
        const part = shares[index]?.[type] ?? 0;
        return part > 0 ? [{ machineId: id, percent: round(100 * part) }] : [];
      }),
    })),
    considered: fleet.machines.map((machine) => ({
      ...named(machine),
      devicesPerMachine: machine.devicesPerMachine,
      replicasPerMachine: machine.replicasPerMachine,
    })),
    ...(prefillDecode !== null && { prefillDecode: split(prefillDecode, Number(fleet.total.amount)) }),
    proof: {
      status: solution.status,
      boundUsdPerHour: solution.bound === null ? null : round(solution.bound),
      gapPercent: solution.gap === null ? null : round(100 * solution.gap),
      nodes: solution.nodes,
      simplexIterations: solution.simplexIterations,
      rounds,
      deterministic: solution.deterministic,
    },
  };
}

function split({ prefill, decode, usdPerHour, ...figures }: PrefillDecode, mixUsdPerMonth: number) {
  const usdPerMonth = usdPerHour * HOURS_PER_MONTH;
  const saving = savingPercentOf(usdPerMonth, mixUsdPerMonth);
  const role = ({ machine, machines, utilization }: SplitPool) => ({
    ...named(machine),
    machines,
    devices: machines * machine.devicesPerMachine,
    utilizationAtPeak: round(utilization),
  });
  return {
    prefill: role(prefill),
    decode: role(decode),
    usdPerMonth: money(usdPerMonth, 'USD').amount,
    savingPercent: saving === null ? null : round(saving),
    transferMs: round(figures.transferMs),
    ttftMsP95: round(figures.ttftMsP95),
    timePerOutputTokenMs: round(figures.timePerOutputTokenMs),
  };
}

const limitOf = ({ constraint, field, most, unit }: MixLimit) => ({ constraint, field, limit: most, unit });

const used = (use: MixUse) => ({
  upfrontUsd: money(use.upfrontUsd, 'USD').amount,
  facilityKilowattHours: roundOrNull(use.facilityKilowattHours),
  carbonKilograms: roundOrNull(use.carbonKilograms),
  ownFacilityKilowatts: roundOrNull(use.facilityKilowatts),
  ownRacks: use.racks,
});

const roundOrNull = (value: number | null): number | null => (value === null ? null : round(value));

const named = ({ id, option, price, amountPerMachineHour }: FleetMachine) => ({
  machineId: id,
  deviceId: option.point.device.id,
  deviceName: option.point.device.name,
  purchase: option.category as 'on_demand',
  providerId: option.providerId,
  regionId: option.regionId,
  sku: price?.offer.sku ?? null,
  priceId: price?.price.id ?? null,
  usdPerMachineHour: amountPerMachineHour,
  stalePrice: option.stalePrice,
});

function pool({
  machine,
  pool: { machines, linearMachines, share, sizes, requestsPerSecond, sizing },
  replicas,
  total,
  use,
  hourly,
}: FleetPoolReport) {
  const { promptTokens, outputTokens } = lengthsOf(sizes);
  const reached = (figure: 'ttft_p95' | 'tpot_p95' | 'end_to_end_p95') =>
    round((sizing.reached?.(figure) ?? 0) * MILLISECONDS_PER_SECOND);
  return {
    ...named(machine),
    machines,
    devices: machines * machine.devicesPerMachine,
    replicas,
    linearMachines,
    requestSharePercent: round(100 * share),
    requestsPerSecond: round(requestsPerSecond),
    meanPromptTokens: round(promptTokens.mean),
    meanOutputTokens: round(outputTokens.mean),
    ttftMsP95: reached('ttft_p95'),
    timePerOutputTokenMsP95: reached('tpot_p95'),
    endToEndMsP95: reached('end_to_end_p95'),
    utilizationAtPeak: round(sizing.reached?.('utilization') ?? 0),
    usdPerMonth: total.amount,
    use: used(use),
    ...(hourly !== null && {
      hourly: {
        machines: hourly.machines,
        committedMachines: hourly.committed,
        machineHoursByTheHour: round(hourly.hoursByTheHour),
        usdPerMonth: money(hourly.usdPerMonth, 'USD').amount,
        flatUsdPerMonth: money(hourly.flatUsdPerMonth, 'USD').amount,
      },
    }),
  };
}
