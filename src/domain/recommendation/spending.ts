/**
 * Where the money for the hardware goes: over-provisioning in dollars. Devices paid for = those that work at the mean rate +
 * those that wait for the peak hour + headroom below saturation at the peak + spare replicas + the rest of whole instances.
 */
import { type Money, money, sum } from '../money.ts';
import type { HardwareOption } from './option.ts';

export interface Spending {
  /** The five add up to `hardware` exactly. */
  readonly hardware: Money;
  readonly atWork: Money;
  readonly waitingForPeak: Money;
  readonly headroom: Money;
  readonly spares: Money;
  readonly unusedInInstances: Money;
}

export function spendingOf(option: HardwareOption, hardware: Money): Spending {
  const { point, devicesPaid } = option;
  const { servingReplicas, devicesPerReplica, devices, spareReplicas, utilizationAtPeak, meanUtilization } = point;
  const perDevice = Number(hardware.amount) / devicesPaid;
  const serving = servingReplicas * devicesPerReplica;
  const atPeak = serving * Math.min(utilizationAtPeak, 1);
  const atMean = Math.min(meanUtilization * devices, atPeak);
  const part = (count: number): Money => money(count * perDevice, hardware.currency);
  const waitingForPeak = part(atPeak - atMean);
  const headroom = part(serving - atPeak);
  const spares = part(spareReplicas * devicesPerReplica);
  const unusedInInstances = part(devicesPaid - devices);
  const others = sum([waitingForPeak, headroom, spares, unusedInInstances], hardware.currency);
  const atWork = sum([hardware, { amount: `-${others.amount}`, currency: hardware.currency }], hardware.currency);
  return { hardware, atWork, waitingForPeak, headroom, spares, unusedInInstances };
}
