/** The fewest devices that answer within the budget over the network, and the checks of what they then need. */

import type { CoolingClass } from '../energy/pue.ts';
import { RACK_COOLING_LIMITS_KILOWATTS } from '../energy/rack-plan.ts';
import type { Exclusion } from '../estimate/answer.ts';
import { LATENCY_FIELDS } from '../inference/latency-objectives.ts';
import { GB, SECONDS_PER_HOUR } from '../units.ts';
import { atMost, type Change, type Check, type CheckId, decided, roundedUp, shortfallOf } from './check.ts';
import { type NetworkLeg, networkAt, type TotalLatency, totalLatency } from './network-leg.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
import { type Served, type ServeQuestion, serve, wholeUsd } from './serve.ts';
import { deadlineHoursOf } from './serve-training.ts';
import { INTERACTIVE } from './stages.ts';
import { hours, milliseconds as ms } from './words.ts';

interface WithinQuestion extends Omit<ServeQuestion, 'objectiveMs'> {
  readonly legs: readonly NetworkLeg[];
}

interface ServedWithin {
  readonly served: Served | null;
  readonly latency: TotalLatency | null;
  readonly checks: readonly Check[];
}

/** Each round tightens what the service may take by what the total exceeds the budget. */
const ROUNDS = 4;
const MILLISECONDS_PER_HOUR = SECONDS_PER_HOUR * 1000;

export function serveWithin(scenario: Scenario, question: WithinQuestion): ServedWithin {
  const { stage, legs } = question;
  const leg = legs[0] as NetworkLeg;
  const budget = stage.component.latency;
  const percentile = budget?.percentile ?? 'p95';
  const first = serve(scenario, { ...question, objectiveMs: null });
  if (first.status === 'not_served')
    return { served: null, latency: null, checks: first.reasons.map((reason) => ofReason(stage, reason)) };
  let served = first;
  let latency = totalLatency(leg, served.serviceMs);
  if (budget !== undefined) {
    const network = networkAt(leg, percentile);
    let objective = served.serviceMs.p95;
    for (let round = 0; round < ROUNDS && latency[percentile] > budget.milliseconds; round++) {
      const tail = percentile === 'p99' ? served.serviceMs.p95 / served.serviceMs.p99 : 1;
      const last = round === ROUNDS - 1;
      // the last round takes the safe bound: network and service slow together
      objective = last
        ? (budget.milliseconds - network) * tail
        : objective - (latency[percentile] - budget.milliseconds) * tail;
      if (!(objective > 0)) break;
      const tighter = serve(scenario, { ...question, objectiveMs: objective });
      if (tighter.status === 'not_served') {
        if (last) break;
        round = ROUNDS - 2;
        continue;
      }
      served = tighter;
      latency = totalLatency(leg, served.serviceMs);
      objective = Math.min(objective, served.serviceMs.p95);
    }
  }
  return { served, latency, checks: checksOf(scenario, question, served, latency) };
}

function checksOf(scenario: Scenario, question: WithinQuestion, served: Served, latency: TotalLatency): Check[] {
  const { stage, site, device, legs } = question;
  const { policies } = scenario;
  const checks: Check[] = [];
  const pointer = `/components/${stage.index}`;
  const budget = stage.component.latency;
  if (budget !== undefined) {
    const percentile = budget.percentile ?? 'p95';
    const leg = legs[0] as NetworkLeg;
    const sure =
      latency.boundP95 <= budget.milliseconds
        ? 'also if network and service are slow together'
        : 'unless network and service are slow together';
    checks.push(
      atMost('latency', {
        detail: `${percentile} of the answer to users of ${leg.group.id}: ${ms(latency[percentile])}, of which the service ${ms(served.serviceMs[percentile])} and the network ${ms(networkAt(leg, percentile))} (${leg.explanation})${latency[percentile] <= budget.milliseconds ? `; ${sure}` : ''}.`,
        required: budget.milliseconds,
        actual: latency[percentile],
        unit: 'ms',
        change: change(
          `${pointer}/latency/milliseconds`,
          budget.milliseconds,
          roundedUp(latency[percentile] * 1.02, 3),
          'the answer is then in time',
        ),
      }),
    );
  }
  const { training } = stage.component;
  if (training !== undefined) {
    const required = deadlineHoursOf(training, stage.requestsPerDay * question.share);
    const actual = served.serviceMs.p50 / MILLISECONDS_PER_HOUR;
    checks.push(
      atMost('deadline', {
        detail: `A run takes ${hours(actual)}, in 19 of 20 cases at most ${hours(served.serviceMs.p95 / MILLISECONDS_PER_HOUR)}; ${hours(required)} are allowed.`,
        required,
        actual,
        unit: 'h',
        change: change(
          `${pointer}/training/deadlineHours`,
          training.deadlineHours ?? null,
          roundedUp(actual * 1.02, 3),
          'a run then ends in time',
        ),
      }),
    );
  }
  if (device.stock !== null)
    checks.push(
      atMost('stock', {
        detail: `${served.devices} x ${device.device.name}${site.units > 1 ? ' per unit' : ''} needed, ${device.stock} to be had${device.pointer === null ? '; describe a site that has more' : ''}.`,
        required: device.stock,
        actual: served.devices,
        unit: 'devices',
        change:
          device.pointer === null
            ? null
            : change(`${device.pointer}/stock`, device.stock, served.devices, 'enough devices are there'),
      }),
    );
  else if (site.kind === 'device_fleet')
    checks.push(
      atMost('stock', {
        detail: `Each unit carries one ${device.device.name}; the load of a unit needs ${served.devices}.`,
        required: 1,
        actual: served.devices,
        unit: 'devices per unit',
        change:
          device.pointer === null
            ? null
            : change(`${device.pointer}/stock`, null, served.devices, 'as many devices on each unit'),
      }),
    );
  checks.push(...powerChecks(site, served));
  if (policies.budgetUsdPerMonth !== undefined) {
    const budgetUsd = Number(policies.budgetUsdPerMonth);
    checks.push(
      atMost('budget', {
        detail: `It costs ${Math.ceil(wholeUsd(served))} USD a month by itself.`,
        required: budgetUsd,
        actual: wholeUsd(served),
        unit: 'USD a month',
        change: change(
          '/policies/budgetUsdPerMonth',
          policies.budgetUsdPerMonth,
          String(Math.ceil(wholeUsd(served))),
          'this option alone fits the budget',
        ),
      }),
    );
  }
  if (policies.carbonKilogramsPerMonth !== undefined)
    checks.push(
      served.carbonKilograms === null
        ? decided(
            'carbon',
            false,
            `No power figure of ${device.device.name} is known, so that its emissions cannot be held to the cap.`,
          )
        : atMost('carbon', {
            detail: `It emits ${Math.ceil(served.carbonKilograms)} kg CO2e a month by itself.`,
            required: policies.carbonKilogramsPerMonth,
            actual: served.carbonKilograms,
            unit: 'kg CO2e a month',
            change: change(
              '/policies/carbonKilogramsPerMonth',
              policies.carbonKilogramsPerMonth,
              Math.ceil(served.carbonKilograms),
              'this option alone keeps the cap',
            ),
          }),
    );
  return checks;
}

function powerChecks(site: PlaceableSite, served: Served): Check[] {
  const { description, pointer } = site;
  const checks: Check[] = [];
  const { powerKilowatts, rackKilowatts, racks, coolingClass } = description;
  if (powerKilowatts !== undefined) {
    checks.push(
      served.facilityKilowatts === null
        ? decided(
            'site_power',
            false,
            'No power figure of the device is known, so that the power of the site cannot be kept.',
          )
        : atMost('site_power', {
            detail: `It draws up to ${served.facilityKilowatts.toPrecision(3)} kW with cooling; the site has ${powerKilowatts} kW.`,
            required: powerKilowatts,
            actual: served.facilityKilowatts,
            unit: 'kW',
            change: change(
              `${pointer}/powerKilowatts`,
              powerKilowatts,
              roundedUp(served.facilityKilowatts),
              'the site can feed it',
            ),
          }),
    );
  }
  const { rack } = served;
  if (rack === null || rack.racks === 0) return checks;
  if (rackKilowatts !== undefined) {
    const node = rack.fits ? rack.kilowattsPerRack : rack.itKilowatts / rack.nodes;
    checks.push(
      atMost('rack_power', {
        detail: rack.fits
          ? `A rack of it draws ${node.toPrecision(3)} kW.`
          : `One server draws up to ${node.toPrecision(3)} kW; a rack may draw ${rackKilowatts} kW.`,
        required: rackKilowatts,
        actual: node,
        unit: 'kW per rack',
        change: change(`${pointer}/rackKilowatts`, rackKilowatts, roundedUp(node), 'one server fits a rack'),
      }),
    );
  }
  if (coolingClass !== undefined) {
    const needed = rack.coolingClass as CoolingClass;
    const rank = (wanted: string) => RACK_COOLING_LIMITS_KILOWATTS.findIndex((it) => it.coolingClass === wanted);
    checks.push(
      decided(
        'cooling',
        rank(needed) <= rank(coolingClass),
        `A rack of ${rack.kilowattsPerRack.toPrecision(3)} kW needs ${words(needed)} cooling; the site has ${words(coolingClass)}.`,
        change(`${pointer}/coolingClass`, coolingClass, needed, 'the heat is carried away'),
      ),
    );
  }
  if (racks !== undefined)
    checks.push(
      atMost('rack_space', {
        detail: `${rack.racks} racks needed, ${racks} free.`,
        required: racks,
        actual: rack.racks,
        unit: 'racks',
        change: change(`${pointer}/racks`, racks, rack.racks, 'there is room'),
      }),
    );
  return checks;
}

const REASONS: Readonly<Record<string, CheckId>> = {
  memory: 'memory',
  not_offered: 'price',
  deadline: 'deadline',
  ...Object.fromEntries(LATENCY_FIELDS.map(({ objective }) => [objective, 'service_time' as const])),
  utilization: 'service_time',
};

const OBJECTIVE_FIELDS: Readonly<Record<string, string>> = Object.fromEntries(
  LATENCY_FIELDS.map(({ objective, field }) => [objective, field]),
);

/** Why the estimate refuses a device, as a check. */
export function ofReason(stage: Stage, reason: Exclusion): Check {
  const id = REASONS[reason.constraint] ?? 'hardware';
  const { required, actual, unit, detail } = reason;
  const field = OBJECTIVE_FIELDS[reason.constraint];
  const objectives = stage.component.objectives as Readonly<Record<string, number>> | undefined;
  const byDefault: Readonly<Record<string, number>> = stage.component.latency === undefined ? INTERACTIVE : {};
  const own = field === undefined ? undefined : (objectives ?? byDefault)[field];
  const relaxed =
    field === undefined || own === undefined || actual === null || !Number.isFinite(actual)
      ? null
      : change(
          `/components/${stage.index}/objectives/${field}`,
          own,
          Math.ceil(actual * 1.05),
          'an idle device then meets it',
        );
  if (reason.constraint === 'deadline' && required !== null && actual !== null)
    return atMost(id, {
      detail,
      required,
      actual,
      unit: unit ?? 'h',
      change: change(
        `/components/${stage.index}/training/deadlineHours`,
        stage.component.training?.deadlineHours ?? null,
        roundedUp(actual * 1.02, 3),
        'a run then ends in time',
      ),
    });
  if (required === null || actual === null || !Number.isFinite(actual)) return decided(id, false, detail, relaxed);
  const short = id === 'memory' ? required - actual : actual - required;
  const scale = id === 'memory' ? GB : 1;
  return {
    id,
    ok: false,
    rule: null,
    detail:
      id === 'memory'
        ? `${detail} ${(required / GB).toPrecision(3)} GB are needed, ${(actual / GB).toPrecision(3)} GB usable.`
        : detail,
    required: required / scale,
    actual: actual / scale,
    unit: id === 'memory' ? 'GB per device' : unit,
    margin: -Math.abs(short) / scale,
    shortfall: shortfallOf(short, required, relaxed),
    change: relaxed,
  };
}

const change = (field: string, from: unknown, to: unknown, effect: string): Change => ({ field, from, to, effect });
const words = (name: string) => name.replaceAll('_', '-');
