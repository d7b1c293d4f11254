/** What the hardware of a run draws and costs: for the bill, and for choosing between devices and sizes. */
import type { Device } from '../../devices/device.ts';
import { AssumptionLog, exactly, type Quantity } from '../../economics/assumption.ts';
import { blockHours, isCapacityBlock } from '../../economics/capacity-block.ts';
import { OWNED_UTILIZATION_PERCENT } from '../../economics/owned-defaults.ts';
import { type HardwareBill, hardwareBill } from '../../estimate/hardware-bill.ts';
import type { HardwarePricing, HardwareQuote } from '../../estimate/hardware-pricing.ts';
import { placeStanding } from '../../estimate/place.ts';
import { type Site, siteReport } from '../../estimate/site-report.ts';
import { toNumber } from '../../money.ts';
import type { TrainingRequest } from '../request.ts';

interface PoweredRun {
  readonly request: TrainingRequest;
  readonly pricing: HardwarePricing;
  readonly quote: HardwareQuote;
  readonly device: Device;
  /** Spares included. */
  readonly devicesHeld: number;
  /** Device-hours powered. */
  readonly deviceHours: Quantity;
  /** Share of time the devices work, 0 to 1. */
  readonly utilization: number;
  /** Language models: share of that time in which the step computes rather than waits. */
  readonly computingShare?: number;
  /** More than one node on a fabric. */
  readonly clustered: boolean;
}

/** Null where the power of the device is unknown. */
export function runSite(run: PoweredRun, log: AssumptionLog): Site | null {
  const { request, pricing, quote, devicesHeld, deviceHours, utilization, computingShare, clustered } = run;
  return siteReport(
    pricing.snapshot,
    {
      ...placeStanding(pricing.snapshot, quote.option, request.location),
      device: run.device,
      devices: devicesHeld,
      activity: 'training',
      utilization,
      ...(computingShare !== undefined && { computingShare }),
      deviceHours,
      clustered,
      owned: pricing.mode === 'owned' ? (request.purchase?.owned ?? {}) : null,
      agreed: pricing.agreed(run.device, quote.devicesPaid),
      facts: request.site,
    },
    log,
  );
}

/** @param deviceHoursPaid whole instances and spares */
export function runHardwareBill(
  { request, pricing, quote, device, clustered }: Omit<PoweredRun, 'devicesHeld' | 'deviceHours' | 'utilization'>,
  deviceHoursPaid: Quantity,
  site: Site | null,
  log: AssumptionLog,
): HardwareBill {
  return hardwareBill(
    {
      snapshot: pricing.snapshot,
      purchase: request.purchase ?? {},
      device,
      pricing,
      quote,
      deviceHours: deviceHoursPaid,
      serves: false,
      ownedUtilization:
        pricing.mode === 'owned' ? ownedUtilization(request, log) : exactly(1, 'share of life', 'rented'),
      clustered,
      site,
      country: placeStanding(pricing.snapshot, quote.option, request.location).country,
      at: pricing.at,
    },
    log,
  );
}

/**
 * USD of the hardware of the run. The quote of owned hardware does not know what a run draws and how long it waits for the next: such
 * hardware is compared, and held against a budget, by its bill.
 */
export function runHardwareUsd(run: PoweredRun, wallClockHours: number): number {
  const { pricing, quote } = run;
  const hours = isCapacityBlock(quote.option) ? blockHours(wallClockHours) : wallClockHours;
  const ranked = quote.usdPerHour * hours;
  if (pricing.mode !== 'owned') return ranked;
  const log = new AssumptionLog();
  const site = runSite(run, log);
  if (site === null) return ranked;
  const paid = exactly(quote.devicesPaid * wallClockHours, 'device-hours');
  return runHardwareBill(run, paid, site, log).drafts.reduce((sum, { amount }) => sum + toNumber(amount), 0);
}

/** The percent as a share, with the same uncertainty. */
function ownedUtilization(request: TrainingRequest, log: AssumptionLog): Quantity {
  const percent = log.resolve(request.purchase?.owned?.utilizationPercent, OWNED_UTILIZATION_PERCENT);
  return { ...percent, value: percent.value / 100, unit: 'share of life' };
}
