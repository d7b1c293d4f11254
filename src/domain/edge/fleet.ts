/** Devices that each serve their own sources: a camera, a robot, a shelf of sensors cannot borrow a neighbour's idle time. */
import {
  fewestSeparateServers,
  type QueueLimit,
  type QueueTimes,
  queue,
  responseSecondsAt,
} from '../queueing/index.ts';

export interface DeviceWork {
  /** Of one device at the speed its power and heat allow. */
  readonly serviceSeconds: number;
  readonly serviceCv2: number;
  /** Between arrivals: 0 for frames on a clock, 1 at random. */
  readonly arrivalCv2: number;
}

export interface FleetPlan {
  readonly devices: number;
  /** Of each device. */
  readonly times: QueueTimes;
}

/** The fewest devices for a load that may be dealt out among them; null where one request alone takes too long. */
export function fleetFor(
  work: DeviceWork,
  requestsPerSecond: number,
  limit: QueueLimit,
  spareDevices = 0,
): FleetPlan | null {
  const plan = fewestSeparateServers({ ...work, arrivalsPerSecond: requestsPerSecond }, limit);
  return plan === null ? null : { devices: plan.servers + spareDevices, times: plan.times };
}

export interface BoundFleet {
  /** Null: a device cannot keep up with its sources. */
  readonly times: QueueTimes | null;
  readonly keepsLimit: boolean;
  /** Sources of this rate that one device could serve within the limit. */
  readonly sourcesPerDevice: number;
}

/** A fleet whose devices are tied to their sources: whether each keeps up, and how many sources it could take. */
export function boundFleet(
  work: DeviceWork,
  requestsPerSecondPerSource: number,
  sourcesPerDevice: number,
  limit: QueueLimit,
): BoundFleet {
  const loadOf = (sources: number) => ({
    servers: 1,
    ...work,
    arrivalsPerSecond: requestsPerSecondPerSource * sources,
  });
  const keeps = (sources: number) => {
    const reached = responseSecondsAt(loadOf(sources), limit.share);
    return reached !== null && reached <= limit.responseSeconds;
  };
  let possible = Math.max(0, Math.floor(1 / (requestsPerSecondPerSource * work.serviceSeconds)));
  while (possible > 0 && !keeps(possible)) possible--;
  return {
    times: queue(loadOf(sourcesPerDevice)),
    keepsLimit: keeps(sourcesPerDevice),
    sourcesPerDevice: possible,
  };
}
