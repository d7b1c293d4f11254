/** What work at the edge does to the lines of its site, how long it lasts alone, and what the field costs (domain/edge). */
import type { AssumptionLog } from '../economics/assumption.ts';
import { offlineBuffer, uploadSaving } from '../edge/index.ts';
import { money, toNumber } from '../money.ts';
import { accessNetworkDelay } from '../network/index.ts';
import { GB, KB, SECONDS_PER_DAY } from '../units.ts';
import { isInField, modelUpdates } from './model-updates.ts';
import type { PlacementOption } from './options.ts';
import type { TrafficReport } from './result.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
import { updateBytes } from './weights-bytes.ts';

export interface EdgeReport {
  readonly stage: string;
  readonly siteId: string;
  /** Of all units. */
  readonly devices: number;
  readonly upload: {
    /** What would be sent if the work were done elsewhere, GB a month. */
    readonly rawGigabytesPerMonth: number;
    readonly sentGigabytesPerMonth: number;
    readonly savedGigabytesPerMonth: number;
    /** Of the raw data, 0 to 1; negative where the results are larger. */
    readonly savedShare: number;
    /** On the line of a unit, or of the site. */
    readonly rawMegabitsPerSecondPerLine: number;
    readonly sentMegabitsPerSecondPerLine: number;
    /** At the users' price of data; null where none was given. */
    readonly savedUsdPerMonth: string | null;
  };
  readonly offline: {
    readonly hoursAsked: number;
    /** Null: as long as there is power. */
    readonly hoursPossible: number | null;
    /** What waits to be sent after the hours asked for. */
    readonly backlogGigabytes: number;
    /** Null where the storage of the site is not known. */
    readonly fits: boolean | null;
    /** Until the backlog is sent; null where the line is not known or never free. */
    readonly catchUpHours: number | null;
  } | null;
  readonly updates: {
    readonly perMonth: number;
    readonly gigabytesPerMonth: number;
    /** Time of one on its line; null where the line is not known. */
    readonly hoursPerUpdate: number | null;
    /** Null where no price of data is known. */
    readonly usdPerMonth: string | null;
  };
  readonly field: {
    readonly installationUsdPerMonth: string;
    readonly visitsPerYear: number | null;
    readonly visitsUsdPerMonth: string;
    readonly linesUsdPerMonth: string;
  };
}

/** Null for places that are not in the field. */
export function edgeReport(
  scenario: Scenario,
  option: PlacementOption,
  traffic: readonly TrafficReport[],
  log: AssumptionLog,
): EdgeReport | null {
  const site = scenario.sites[option.site] as PlaceableSite;
  const stage = scenario.stages[option.stage] as Stage;
  const { served } = option;
  if (!isInField(site) || served === null || stage.component.training !== undefined) return null;
  const group = stage.groups[0];
  const network = group === undefined ? undefined : accessNetworkDelay(group.accessNetwork);
  const rawBytesPerSecond =
    (stage.requestsPerDay * option.share * (stage.component.requestKilobytes ?? 0) * KB) / SECONDS_PER_DAY;
  const leavingBytesPerSecond = traffic
    .filter(({ fromStage, fromSite, toSite }) => fromStage === stage.id && fromSite === site.id && toSite !== site.id)
    .reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0);
  const upload = uploadSaving({
    rawBytesPerSecond,
    sentShare: shareFromAfar(stage, site),
    eventBytesPerSecond: leavingBytesPerSecond,
  });
  const lines = site.units;
  const price = group?.uplinkUsdPerGb ?? null;
  const devices = served.devices * served.units;
  const bytes = updateBytes(scenario.snapshot, option.work.work, served);
  const updates = modelUpdates(stage, site, served.devices, bytes, log);
  const field = (name: string) =>
    served.fieldItems.filter(({ id }) => id.endsWith(name)).reduce((sum, { amount }) => sum + toNumber(amount), 0);
  const visits = served.fieldItems
    .find(({ id }) => id.endsWith('edge.field_visits'))
    ?.inputs.find(({ name }) => name === 'visitsPerDeviceYear')?.value;
  return {
    stage: stage.id,
    siteId: site.id,
    devices,
    upload: {
      rawGigabytesPerMonth: upload.sentGigabytesPerMonth + upload.savedGigabytesPerMonth,
      sentGigabytesPerMonth: upload.sentGigabytesPerMonth,
      savedGigabytesPerMonth: upload.savedGigabytesPerMonth,
      savedShare: upload.savedShare,
      rawMegabitsPerSecondPerLine: upload.rawMegabitsPerSecond / lines,
      sentMegabitsPerSecondPerLine: upload.sentMegabitsPerSecond / lines,
      savedUsdPerMonth: price === null ? null : usd(upload.savedGigabytesPerMonth * price),
    },
    offline: offlineOf(stage, site, leavingBytesPerSecond / lines, network?.uplinkMbps ?? null),
    updates: {
      perMonth: updates.perMonth,
      gigabytesPerMonth: updates.gigabytesPerMonth,
      hoursPerUpdate: updates.hoursPerUpdate,
      usdPerMonth: updates.usdPerGb === null ? null : usd(updates.gigabytesPerMonth * updates.usdPerGb),
    },
    field: {
      installationUsdPerMonth: usd(field('edge.installation')),
      visitsPerYear: typeof visits === 'number' ? visits * devices : null,
      visitsUsdPerMonth: usd(field('edge.field_visits')),
      linesUsdPerMonth: usd(field('edge.connectivity')),
    },
  };
}

/** Part of the load whose users are not at the site: their data comes to it over their lines. */
function shareFromAfar({ groups }: Stage, { userSide }: PlaceableSite): number {
  const shareOf = (those: Stage['groups']) => those.reduce((sum, { share }) => sum + share, 0);
  return shareOf(groups.filter(({ id }) => !userSide.has(id))) / shareOf(groups);
}

/** Of one unit, or of the site. */
function offlineOf(
  stage: Stage,
  site: PlaceableSite,
  keptBytesPerSecond: number,
  uplinkMegabitsPerSecond: number | null,
): EdgeReport['offline'] {
  const hoursAsked = stage.component.offlineToleranceHours ?? 0;
  if (hoursAsked === 0) return null;
  const { islandHours, storageGigabytes } = site.description;
  const buffer = offlineBuffer({
    offlineHours: hoursAsked,
    keptBytesPerSecond,
    storageBytes: storageGigabytes === undefined ? null : storageGigabytes * GB,
    uplinkMegabitsPerSecond,
    liveBytesPerSecond: keptBytesPerSecond,
  });
  return {
    hoursAsked,
    hoursPossible: islandHours ?? null,
    backlogGigabytes: buffer.neededBytes / GB,
    fits: buffer.fits,
    catchUpHours: buffer.catchUpHours,
  };
}

const usd = (value: number): string => money(value, 'USD').amount;
