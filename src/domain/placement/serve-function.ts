/**
 * A program that is no model: time per call from its arithmetic or from measurements, one call at a time on each device,
 * the same money and energy as any deployment.
 */
import { AssumptionLog, estimated, exactly, sourcedDefault } from '../economics/assumption.ts';
import type { DraftItem } from '../economics/line-item.ts';
import { egressItem } from '../economics/network-cost.ts';
import { ALWAYS_ON, hardwareBill } from '../estimate/hardware-bill.ts';
import { hardwarePricing } from '../estimate/hardware-pricing.ts';
import { siteReport } from '../estimate/site-report.ts';
import { load, meanFleetUtilization } from '../inference/workload.ts';
import { sum, toNumber } from '../money.ts';
import { DAYS_PER_MONTH, GB, GIB, HOURS_PER_MONTH, KB, MILLISECONDS_PER_SECOND } from '../units.ts';
import { functionServers, responseMs } from './function-queue.ts';
import type { FunctionWork } from './request.ts';
import type { Scenario } from './scenario.ts';
import {
  asItRuns,
  egressToUsers,
  facilityKilowatts,
  fieldOf,
  idleShareOf,
  isSentToUsers,
  type NotServed,
  notServed,
  type Served,
  type ServeQuestion,
  scaledItems,
} from './serve.ts';

const ACHIEVED_SHARE = sourcedDefault({
  id: 'function.achieved_share',
  field: '/function/measured',
  value: 0.15,
  unit: 'share of the dense 16- or 32-bit peak',
  range: { low: 0.05, high: 0.4 },
  kind: 'assumed',
  source: 'judgement: code without hand-tuned kernels reaches a tenth to a quarter of the peak',
  reason: 'The time of a call was not measured on this device.',
});

/** No place has more devices, and before so many there is hardly a queue. */
const MOST_SERVERS = 100_000;
const MEMORY_GIB = 0.5;
const SERVICE_VARIABILITY = 0.25;

/** Time of one call alone, ms; null where neither a measurement nor a peak rate is known. */
function callMs(
  work: FunctionWork,
  device: ServeQuestion['device']['device'],
  pointer: string,
  log: AssumptionLog,
): number | null {
  const measured = work.measured?.find((it) => it.device === device.id);
  if (measured !== undefined) return measured.millisecondsPerCall;
  const { fp32, tf32, bf16, fp16 } = device.densePeakFlops;
  const peak = fp32 ?? tf32 ?? bf16 ?? fp16;
  if (peak === undefined) return null;
  const share = log.resolve(undefined, ACHIEVED_SHARE, `${pointer}/function/measured`).value;
  return (work.gigaflopsPerCall / ((peak / 1e9) * share)) * MILLISECONDS_PER_SECOND;
}

const functionMemoryBytes = (work: FunctionWork): number => (work.memoryGib ?? MEMORY_GIB) * GIB;
const serviceVariability = (work: FunctionWork): number => work.serviceVariability ?? SERVICE_VARIABILITY;

export function serveFunction(scenario: Scenario, question: ServeQuestion, work: FunctionWork): Served | NotServed {
  const { snapshot, at } = scenario;
  const { stage, site, device, purchase, share, objectiveMs, speed } = question;
  const log = new AssumptionLog();
  const bare = callMs(work, device.device, question.work.pointer, log);
  if (bare === null)
    return notServed(
      'figure_missing',
      `${device.device.name} has no published peak rate; give function.measured for it.`,
    );
  const memoryBytes = functionMemoryBytes(work);
  const usableBytes = device.device.memoryBytes === null ? null : device.device.memoryBytes * 0.9;
  const component = stage.component;
  const demand = load(
    {
      requestsPerDay: (stage.requestsPerDay * share) / site.units,
      ...(component.traffic !== undefined && { traffic: component.traffic }),
      objectives: { spareReplicas: 0, ...component.objectives },
    },
    log,
  );
  const queue = {
    serviceMs: bare / speed,
    serviceCv2: serviceVariability(work),
    requestsPerSecond: demand.arrivals.requestsPerSecond,
    maxUtilization: demand.objectives.maxUtilization,
    limitP95Ms: objectiveMs,
  };
  const busy = queue.requestsPerSecond * (queue.serviceMs / MILLISECONDS_PER_SECOND);
  if (busy / queue.maxUtilization > MOST_SERVERS)
    return notServed(
      'load',
      `The load keeps ${busy.toPrecision(3)} ${device.device.name} busy; more than ${MOST_SERVERS.toLocaleString('en-US')} at one place are not planned.`,
    );
  const servers = functionServers(queue);
  if (servers === null) {
    return {
      status: 'not_served',
      reasons: [
        {
          constraint: 'end_to_end_p95',
          detail: `One call alone takes ${queue.serviceMs.toPrecision(3)} ms on ${device.device.name}.`,
          required: objectiveMs,
          actual: queue.serviceMs,
          unit: 'ms',
          examples: [device.device.id],
          count: 1,
        },
      ],
    };
  }
  const devices = servers + demand.spareReplicas;
  const isOwned = purchase.category === 'owned';
  const electricity = site.description.electricityUsdPerKwh;
  const terms =
    isOwned && electricity !== undefined
      ? { ...purchase, owned: { ...purchase.owned, electricityUsdPerKwh: electricity } }
      : purchase;
  const pricing = hardwarePricing(
    snapshot,
    site.region === null ? { country: site.country } : { region: site.region.id },
    terms,
    at,
  );
  const quote = pricing.quote(device.device, devices, 1);
  if (quote === null)
    return notServed('not_offered', `${device.device.name} has no price at ${site.id} on these terms.`);
  const hours = (count: number) =>
    estimated(count * HOURS_PER_MONTH, 'device-hours', `${count} devices x ${HOURS_PER_MONTH} h`, []);
  const report = siteReport(
    snapshot,
    {
      providerId: site.providerId,
      regionId: site.region?.id ?? null,
      country: site.country,
      device: asItRuns(question),
      // devices that come with whole servers stand there and idle
      devices: quote.devicesPaid,
      activity: 'inference',
      utilization: meanFleetUtilization(busy / quote.devicesPaid, 1, 1, demand, HOURS_PER_MONTH),
      deviceHours: hours(quote.devicesPaid),
      clustered: false,
      owned: isOwned ? (terms.owned ?? {}) : null,
      agreed: pricing.agreed(device.device, quote.devicesPaid),
      facts: {
        ...(site.description.pue !== undefined && { pue: site.description.pue }),
        ...(site.description.rackKilowatts !== undefined && { rackKilowatts: site.description.rackKilowatts }),
        ...(site.description.gridGramsCo2ePerKwh !== undefined && {
          gridGramsCo2ePerKwh: site.description.gridGramsCo2ePerKwh,
        }),
      },
    },
    log,
  );
  if (report === null && isOwned)
    return notServed(
      'figure_missing',
      `${device.device.name} has no power figure, so that owning it cannot be priced.`,
    );
  const bill = hardwareBill(
    {
      snapshot,
      purchase: terms,
      device: device.device,
      pricing,
      quote,
      deviceHours: hours(quote.devicesPaid),
      serves: true,
      ownedUtilization: ALWAYS_ON,
      clustered: false,
      site: report,
      country: site.country,
      at,
    },
    log,
  );
  const drafts: DraftItem[] = [...bill.drafts];
  if (isSentToUsers(stage, site)) {
    const gigabytes = (stage.responseKilobytes * KB * stage.requestsPerDay * share * DAYS_PER_MONTH) / GB / site.units;
    drafts.push(
      egressItem(
        exactly(gigabytes, 'GB a month'),
        {
          providerId: site.providerId ?? undefined,
          regionId: site.region?.id,
          country: site.country,
          usdPerGb: egressToUsers(site),
        },
        log,
      ),
    );
  }
  const field = fieldOf(question, devices, memoryBytes);
  const items = scaledItems(drafts, site.units, stage.id);
  const total = sum(
    items.map(({ amount }) => amount),
    'USD',
  );
  const energy = report?.energyReport ?? null;
  return {
    status: 'served',
    devices,
    units: site.units,
    weightFormat: null,
    items,
    total,
    usdPerMonth: toNumber(total),
    fieldItems: field.items,
    fieldUsdPerMonth: field.usdPerMonth,
    carbonKilograms:
      energy === null ? null : site.units * (energy.carbonKilograms.p50 + energy.embodiedCarbonKilograms.p50),
    embodiedCarbonKilograms: energy === null ? 0 : site.units * energy.embodiedCarbonKilograms.p50,
    idleShare: energy === null ? 0 : idleShareOf(scenario, question, energy.averageWattsPerDevice),
    pue: energy?.pue ?? null,
    facilityKilowatts: facilityKilowatts(scenario, question, quote.devicesPaid, report?.energyReport.pue ?? 1),
    rack: report?.rackReport ?? null,
    serviceMs: responseMs(queue, servers),
    requestsPerSecond: queue.requestsPerSecond,
    busyDevices: busy,
    steps: null,
    maxUtilization: queue.maxUtilization,
    memory: { weightsBytes: memoryBytes, requiredBytes: memoryBytes, usableBytes },
    prices: bill.prices,
    assumptions: [...log.list(), ...field.assumptions],
    estimateRequest: null,
    trainingRequest: null,
    ttftMs: null,
  };
}
