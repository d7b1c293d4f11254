/** What a site sends and receives when work is done on its devices instead of in a cloud. */
import { BITS_PER_BYTE, GB, HOURS_PER_MONTH, SECONDS_PER_HOUR } from '../units.ts';

const SECONDS_PER_MONTH = HOURS_PER_MONTH * SECONDS_PER_HOUR;
const BITS_PER_MEGABIT = 1e6;

const gigabytesPerMonth = (bytesPerSecond: number): number => (bytesPerSecond * SECONDS_PER_MONTH) / GB;

const megabitsPerSecond = (bytesPerSecond: number): number => (bytesPerSecond * BITS_PER_BYTE) / BITS_PER_MEGABIT;

interface UploadPlan {
  /** All sources of the site together, as captured or encoded. */
  readonly rawBytesPerSecond: number;
  /** Share of the raw data that still goes to the cloud: hard cases, samples for training. */
  readonly sentShare: number;
  /** Results: events, embeddings, statistics. */
  readonly eventBytesPerSecond: number;
}

interface UploadSaving {
  readonly sentBytesPerSecond: number;
  readonly savedBytesPerSecond: number;
  readonly sentGigabytesPerMonth: number;
  readonly savedGigabytesPerMonth: number;
  /** Of the raw data; negative where the results are larger than what they save. */
  readonly savedShare: number;
  /** Uplink that would have been needed, and is. */
  readonly rawMegabitsPerSecond: number;
  readonly sentMegabitsPerSecond: number;
}

export function uploadSaving({ rawBytesPerSecond, sentShare, eventBytesPerSecond }: UploadPlan): UploadSaving {
  const sent = rawBytesPerSecond * sentShare + eventBytesPerSecond;
  const saved = rawBytesPerSecond - sent;
  return {
    sentBytesPerSecond: sent,
    savedBytesPerSecond: saved,
    sentGigabytesPerMonth: gigabytesPerMonth(sent),
    savedGigabytesPerMonth: gigabytesPerMonth(saved),
    savedShare: rawBytesPerSecond > 0 ? saved / rawBytesPerSecond : 0,
    rawMegabitsPerSecond: megabitsPerSecond(rawBytesPerSecond),
    sentMegabitsPerSecond: megabitsPerSecond(sent),
  };
}

interface OfflinePlan {
  readonly offlineHours: number;
  /** What would have been sent meanwhile. */
  readonly keptBytesPerSecond: number;
  /** Null: not known. */
  readonly storageBytes: number | null;
  /** Null: not known. */
  readonly uplinkMegabitsPerSecond: number | null;
  /** What goes on being sent after reconnection. */
  readonly liveBytesPerSecond: number;
}

interface OfflineBuffer {
  readonly neededBytes: number;
  /** Null where the storage is not known, as the two below. */
  readonly fits: boolean | null;
  readonly marginBytes: number | null;
  /** How long the storage lasts. */
  readonly hoursCovered: number | null;
  /** Until the backlog is sent; null where the live data fills the uplink, or that is not known. */
  readonly catchUpHours: number | null;
}

export function offlineBuffer(plan: OfflinePlan): OfflineBuffer {
  const neededBytes = plan.keptBytesPerSecond * plan.offlineHours * SECONDS_PER_HOUR;
  const { storageBytes, uplinkMegabitsPerSecond } = plan;
  const spare =
    uplinkMegabitsPerSecond === null
      ? 0
      : (uplinkMegabitsPerSecond * BITS_PER_MEGABIT) / BITS_PER_BYTE - plan.liveBytesPerSecond;
  return {
    neededBytes,
    fits: storageBytes === null ? null : neededBytes <= storageBytes,
    marginBytes: storageBytes === null ? null : storageBytes - neededBytes,
    hoursCovered:
      storageBytes === null
        ? null
        : plan.keptBytesPerSecond > 0
          ? storageBytes / (plan.keptBytesPerSecond * SECONDS_PER_HOUR)
          : Number.POSITIVE_INFINITY,
    catchUpHours: neededBytes === 0 ? 0 : spare > 0 ? neededBytes / (spare * SECONDS_PER_HOUR) : null,
  };
}

interface UpdatePlan {
  readonly devices: number;
  /** Weights and software that one update brings. */
  readonly updateBytes: number;
  readonly updatesPerMonth: number;
  /** Share of an update that is new to the device: adapters and deltas send little. */
  readonly changedShare: number;
  /** Devices behind one link that fetch an update once and pass it on; 1 where each fetches its own. */
  readonly devicesPerLink: number;
  /** Null: not known. */
  readonly downlinkMegabitsPerSecond: number | null;
}

export interface UpdateTraffic {
  readonly gigabytesPerMonth: number;
  /** Time of one update on its link; null where the link is not known. */
  readonly hoursPerUpdate: number | null;
}

export function updateTraffic(plan: UpdatePlan): UpdateTraffic {
  const bytes = plan.updateBytes * plan.changedShare;
  const links = Math.ceil(plan.devices / plan.devicesPerLink);
  return {
    gigabytesPerMonth: (bytes * plan.updatesPerMonth * links) / GB,
    hoursPerUpdate:
      plan.downlinkMegabitsPerSecond === null
        ? null
        : (bytes * BITS_PER_BYTE) / (plan.downlinkMegabitsPerSecond * BITS_PER_MEGABIT * SECONDS_PER_HOUR),
  };
}
