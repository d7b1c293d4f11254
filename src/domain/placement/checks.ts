/** The checks that need no full estimate: what a place allows, and what a device can do at all. */
import type { Purchase } from '../estimate/selectors.ts';
import type { WeightFormat } from '../inference/request.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { stageAccuracy } from './accuracy.ts';
import { atLeast, atMost, type Change, type Check, decided, roundedUp } from './check.ts';
import { exportCheck } from './export-check.ts';
import type { Heat } from './heat.ts';
import { lawOf } from './law.ts';
import { lineChecks } from './line-check.ts';
import { type NetworkLeg, networkAt } from './network-leg.ts';
import type { NamedWork, PlaceableDevice, PlaceableSite, Scenario, Stage } from './scenario.ts';
import { type Capacity, capacity } from './serve.ts';
import { ofReason } from './serve-within.ts';
import { isLanguage } from './stages.ts';
import { milliseconds } from './words.ts';

const change = (field: string, from: unknown, to: unknown, effect: string): Change => ({ field, from, to, effect });

/** Policies, law and offline work: the same for every device of the site. */
export function placeChecks(
  scenario: Scenario,
  stage: Stage,
  site: PlaceableSite,
): { readonly checks: readonly Check[]; readonly leadTimeDays: number } {
  const { policies } = scenario;
  const checks: Check[] = [];
  const { excluded, countries, operatorCountries } = policies;
  const named = (excluded ?? []).filter((id) => id === site.id || id === site.providerId || id === site.region?.id);
  if (excluded !== undefined)
    checks.push(
      decided(
        'policy',
        named.length === 0,
        named.length === 0 ? 'Not among what you exclude.' : `You exclude ${named.join(', ')}.`,
        change(
          '/policies/excluded',
          excluded,
          excluded.filter((id) => !named.includes(id)),
          'it is no longer excluded',
        ),
        'excluded',
      ),
    );
  if (countries !== undefined)
    checks.push(
      decided(
        'policy',
        countries.includes(site.country),
        `The site lies in ${site.country}; you allow ${countries.join(', ')}.`,
        change('/policies/countries', countries, [...countries, site.country], `${site.country} is allowed`),
        'countries',
      ),
    );
  if (operatorCountries !== undefined) {
    const operator = site.operatorCountry;
    checks.push(
      decided(
        'policy',
        operator !== null && operatorCountries.includes(operator),
        operator === null
          ? 'The country of the operator is not known.'
          : `The operator is of ${operator}; you allow operators of ${operatorCountries.join(', ')}.`,
        operator === null
          ? null
          : change(
              '/policies/operatorCountries',
              operatorCountries,
              [...operatorCountries, operator],
              `operators of ${operator} are allowed`,
            ),
        'operatorCountries',
      ),
    );
  }
  const law = lawOf(scenario, stage, site);
  checks.push(...law.checks, ...lineChecks(stage, site));
  const hours = stage.component.offlineToleranceHours ?? 0;
  if (hours > 0) {
    const local = stage.groups.every(({ id }) => site.userSide.has(id));
    const island = local ? (site.description.islandHours ?? Number.POSITIVE_INFINITY) : 0;
    checks.push(
      local
        ? atLeast('offline', {
            detail: Number.isFinite(island)
              ? `It works ${island} h without its wide-area connection; ${hours} h are asked for.`
              : `It stands with its users and works on when the wide-area connection is down; ${hours} h are asked for.`,
            required: hours,
            actual: Math.min(island, 1e6),
            unit: 'h',
            change: change(
              `${site.pointer}/islandHours`,
              site.description.islandHours ?? null,
              hours,
              'it works as long on its own',
            ),
          })
        : atLeast('offline', {
            detail: `Users reach it only over the wide-area network; ${hours} h without it are asked for.`,
            required: hours,
            actual: 0,
            unit: 'h',
            change: change(
              `/components/${stage.index}/offlineToleranceHours`,
              hours,
              0,
              'the service may be away with the connection',
            ),
          }),
    );
  }
  return { checks, leadTimeDays: law.approvalDays };
}

/** What a device can do with a work, wherever it stands. */
export interface DeviceCapability {
  /** Devices that carry the load without a latency budget; null where it cannot. */
  readonly devices: number | null;
  /** Device-hours a month that are paid for at least; null where it cannot. */
  readonly deviceHours: number | null;
  /** One request alone on an idle device. */
  readonly idle: Capacity;
  /** The widest narrower weight format that would fit; null where none does or none is needed. */
  readonly fittingFormat: WeightFormat | null;
  readonly speed: number;
  readonly modeWatts: number | null;
  readonly heat: Heat;
}

interface CapabilityQuestion {
  readonly stage: Stage;
  readonly work: NamedWork;
  readonly site: PlaceableSite;
  readonly device: PlaceableDevice;
}

/** Any rate: it only keeps the price out of the question. */
const ANY_RATE: Purchase = { usdPerDeviceHour: '1' };
const FORMATS: readonly WeightFormat[] = ['fp8', 'int8', 'int4'];
const ONE_A_DAY = 1;
/** On larger clusters a run takes other device-hours than on the smallest, and not so few. */
const LEAST_OF_A_RUN = 0.5;

/** @param heat of the device at the site; what it can do is the same wherever it is as fast */
export function deviceCapability(
  scenario: Scenario,
  question: CapabilityQuestion,
  { speed, modeWatts }: Heat,
): Omit<DeviceCapability, 'heat'> {
  const { stage, work, site } = question;
  const ask = (requestsPerDay: number, asked: NamedWork): Capacity =>
    capacity(scenario, {
      ...question,
      stage: { ...stage, requestsPerDay: requestsPerDay * site.units, responseKilobytes: 0 },
      spareReplicas: 0,
      work: asked,
      purchase: ANY_RATE,
      share: 1,
      objectiveMs: null,
      speed,
      modeWatts,
    });
  const idle = ask(ONE_A_DAY, work);
  if (idle.status === 'served') {
    const loaded = ask(stage.requestsPerDay / site.units, work);
    return {
      devices: loaded.status === 'served' ? loaded.devices : null,
      deviceHours:
        loaded.status !== 'served'
          ? null
          : stage.component.training === undefined
            ? loaded.devices * HOURS_PER_MONTH
            : loaded.busyDevices * HOURS_PER_MONTH * LEAST_OF_A_RUN,
      idle,
      fittingFormat: null,
      speed,
      modeWatts,
    };
  }
  const short =
    stage.component.training === undefined && idle.reasons.some(({ constraint }) => constraint === 'memory');
  const fitting = short
    ? FORMATS.find((weightFormat) => {
        // models by the sample know no format below eight bits
        if (weightFormat === 'int4' && !isLanguage(scenario.snapshot, work.work, work.pointer)) return false;
        if (work.work.serving?.weightFormat === weightFormat) return false;
        const narrower = { ...work, work: { ...work.work, serving: { ...work.work.serving, weightFormat } } };
        return ask(ONE_A_DAY, narrower).status === 'served';
      })
    : undefined;
  return { devices: null, deviceHours: null, idle, fittingFormat: fitting ?? null, speed, modeWatts };
}

export function capabilityChecks(
  scenario: Scenario,
  {
    stage,
    work,
    site,
    device,
    purchase,
    legs,
    capability,
    leadTimeDays,
  }: CapabilityQuestion & {
    readonly purchase: Purchase;
    readonly legs: readonly NetworkLeg[];
    readonly capability: DeviceCapability;
    readonly leadTimeDays: number;
  },
): Check[] {
  const { policies } = scenario;
  const { component, index } = stage;
  const pointer = `/components/${index}`;
  const checks: Check[] = [exportCheck(scenario, device, site, purchase), ...capability.heat.checks];
  const { idle, fittingFormat } = capability;
  if (idle.status === 'not_served') {
    for (const reason of idle.reasons) {
      const check = ofReason(stage, reason);
      checks.push(
        check.id === 'memory' && fittingFormat !== null
          ? {
              ...check,
              detail: `${check.detail} It fits as ${fittingFormat}.`,
              change: change(
                `${work.pointer}/serving/weightFormat`,
                work.work.serving?.weightFormat ?? null,
                fittingFormat,
                `the model fits ${device.device.name}; measure what ${fittingFormat} does to its accuracy`,
              ),
            }
          : check,
      );
    }
  } else {
    if (idle.memory !== null) {
      const { requiredBytes, usableBytes } = idle.memory;
      checks.push(
        usableBytes === null
          ? decided(
              'memory',
              true,
              `The memory of ${device.device.name} is not published; the ${gigabytes(requiredBytes)} GB that it takes were not checked.`,
            )
          : atMost('memory', {
              detail: `${gigabytes(requiredBytes)} GB of weights and working memory per device; ${gigabytes(usableBytes)} GB are usable.`,
              required: usableBytes / 1e9,
              actual: requiredBytes / 1e9,
              unit: 'GB',
            }),
      );
    }
    const budget = component.latency;
    if (budget !== undefined) {
      const percentile = budget.percentile ?? 'p95';
      const alone = idle.serviceMs[percentile];
      const leg = legs[0] as NetworkLeg;
      const network = networkAt(leg, percentile);
      const longer = change(
        `${pointer}/latency/milliseconds`,
        budget.milliseconds,
        roundedUp((alone + network) * 1.1, 3),
        'the answer is then in time',
      );
      checks.push(
        atMost('service_time', {
          detail: `One request alone takes ${milliseconds(alone)} at ${percentile} on ${device.device.name}${alone > budget.milliseconds ? `; it would have to be ${timesFaster(alone / budget.milliseconds)} faster` : ''}.`,
          required: budget.milliseconds,
          actual: alone,
          unit: 'ms',
          change: longer,
        }),
        atMost('round_trip', {
          detail: `The network takes ${milliseconds(network)} at ${percentile} to users of ${leg.group.id} (${leg.explanation}); ${alone > budget.milliseconds ? 'nothing is left for it' : `${milliseconds(budget.milliseconds - alone)} are left for it`}${leg.roundTrip !== null && network > budget.milliseconds - alone ? `, which ${reach(leg, budget.milliseconds - alone)}` : ''}.`,
          required: budget.milliseconds - alone,
          actual: network,
          unit: 'ms',
          change: longer,
        }),
      );
    }
  }
  const accuracy = stageAccuracy(scenario, stage, work);
  if (component.accuracyFloor !== undefined && stage.part !== 'small')
    checks.push(
      accuracy === null
        ? decided(
            'accuracy',
            false,
            'How accurate it is was not given, and a floor is asked for.',
            change(`${work.pointer}/accuracy`, null, component.accuracyFloor, 'it is as accurate as you say'),
          )
        : atLeast('accuracy', {
            detail: `It gives ${percent(accuracy)} right answers; ${percent(component.accuracyFloor)} are asked for.`,
            required: component.accuracyFloor,
            actual: accuracy,
            unit: 'share of right answers',
            change: change(`${pointer}/accuracyFloor`, component.accuracyFloor, accuracy, 'it is accurate enough'),
          }),
    );
  if (purchase.category === 'spot')
    checks.push(
      decided(
        'spot',
        component.interruptible === true,
        component.interruptible === true
          ? 'The work may be interrupted.'
          : 'Spot capacity is taken back at short notice; the work must not be interrupted.',
        change(`${pointer}/interruptible`, component.interruptible ?? false, true, 'spot capacity may carry it'),
      ),
    );
  if (policies.readyWithinDays !== undefined) {
    const days = Math.max(device.leadTimeDays, leadTimeDays);
    checks.push(
      atMost('lead_time', {
        detail: `${device.leadTimeDays} days for the hardware${leadTimeDays > 0 ? `, ${leadTimeDays} days for approval` : ''}; it must run within ${policies.readyWithinDays} days.`,
        required: policies.readyWithinDays,
        actual: days,
        unit: 'days',
        change: change('/policies/readyWithinDays', policies.readyWithinDays, days, 'there is time for it'),
      }),
    );
  }
  return checks;
}

/** Users within so far can be served, at this leg's pace per kilometre. */
function reach({ roundTrip, p95Ms, access }: NetworkLeg, left: number): string {
  const spare = left - (access?.p95Ms ?? 0);
  if (roundTrip === null || spare <= 0) return 'no distance allows over this access network';
  const wide = Math.max(p95Ms - (access?.p50Ms ?? 0), 1e-9);
  return `allows about ${Math.round((roundTrip.distanceKm * spare) / wide)} km`;
}

const MANY_TIMES = 1e6;
const timesFaster = (ratio: number): string =>
  ratio < MANY_TIMES ? `${ratio.toPrecision(3)} times` : 'millions of times';
const gigabytes = (bytes: number) => (bytes / 1e9).toPrecision(3);
const percent = (share: number) => `${Number((share * 100).toPrecision(4))} %`;
