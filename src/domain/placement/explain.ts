/** A paragraph per component that a manager can read. */
import { uploadSaving } from '../edge/index.ts';
import { KB, SECONDS_PER_DAY } from '../units.ts';
import { failuresOf } from './check.ts';
import { nameOf } from './elastic.ts';
import type { StageOptions } from './options.ts';
import type { PlacedOption, RejectedOption, TrafficReport } from './result.ts';
import type { Scenario, Stage } from './scenario.ts';

const KINDS: Readonly<Record<PlacedOption['siteKind'], string>> = {
  device_fleet: 'on the devices',
  edge_box: 'at the edge',
  room: 'in the room',
  colocation: 'in colocation',
  cloud_region: 'in the cloud',
};

export function explainStage(
  scenario: Scenario,
  index: number,
  options: StageOptions,
  placed: readonly PlacedOption[],
  traffic: readonly TrafficReport[],
): string {
  const stage = scenario.stages[index] as Stage;
  const own = placed.filter((it) => it.stage === stage.id);
  if (own.length === 0) {
    if (stage.alternatives !== null && options.feasible.length > 0)
      return `${stage.id}: not used in this plan; another division of the work was chosen.`;
    return unplaced(stage, options);
  }
  const sentences: string[] = [];
  for (const place of own) {
    const share = place.share < 1 ? `${percent(place.share)} of the load ` : '';
    const count = `${place.devices} x ${place.deviceName}${place.units > 1 ? ` on each of ${place.units} units` : ''}`;
    const form = [place.weightFormat, place.variantId === null ? null : `variant ${place.variantId}`]
      .filter((it) => it !== null)
      .join(', ');
    sentences.push(
      `${share}${share === '' ? 'Runs' : 'runs'} ${KINDS[place.siteKind]}, ${place.siteId} (${place.country}), on ${count}${form === '' ? '' : ` as ${form}`}, ${place.purchaseCategory.replaceAll('_', '-')}: ${money(place.usdPerMonth)} USD a month by itself.`,
    );
    const { latencyMs, serviceMs } = place;
    const budget = stage.component.latency;
    sentences.push(
      `Users of ${place.slowestUserGroup} wait ${ms(latencyMs.p95)} at p95, ${ms(serviceMs.p95)} of it the service${budget === undefined ? '' : `; ${ms(budget.milliseconds)} at ${budget.percentile ?? 'p95'} are allowed`}.`,
    );
    const hours = stage.component.offlineToleranceHours ?? 0;
    if (hours > 0) sentences.push(`It works on for ${hours} h and more without the wide-area connection.`);
    for (const finding of place.law.filter(({ verdict }) => verdict !== 'allowed').slice(0, 2))
      sentences.push(finding.sentence);
    if (place.law.length > 0 && place.law.every(({ verdict }) => verdict === 'allowed'))
      sentences.push(
        `${[...new Set(place.law.map(({ name }) => name))].slice(0, 2).join(' and ')} allow${place.law.length === 1 ? 's' : ''} it there without a safeguard.`,
      );
  }
  sentences.push(...atHome(scenario, index, options, own));
  const leaving = traffic.filter(({ fromStage, fromSite, toSite }) => fromStage === stage.id && fromSite !== toSite);
  for (const flow of leaving)
    sentences.push(
      `${rate(flow.bytesPerSecond)} go to ${flow.toStage} at ${flow.toSite}${flow.crossesBorder ? ' across the border' : ''}.`,
    );
  const raw = (stage.requestsPerDay * stage.requestKilobytes * KB) / SECONDS_PER_DAY;
  if (raw > 0 && own.every(({ siteKind }) => siteKind === 'device_fleet' || siteKind === 'edge_box')) {
    const { savedBytesPerSecond, savedShare } = uploadSaving({
      rawBytesPerSecond: raw,
      sentShare: 0,
      eventBytesPerSecond: leaving.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0),
    });
    if (savedShare > 0)
      sentences.push(`${rate(savedBytesPerSecond)} of raw data need no line (${percent(savedShare)}).`);
  }
  if (stage.part === 'small' && leaving.length > 0) sentences.push('What is not hard never leaves the place.');
  const cheaper = options.rejected.find(
    ({ served }) => served !== null && served.usdPerMonth < Number(own[0]?.usdPerMonth ?? 0) * 0.98,
  );
  const [closest] = options.rejected;
  const shown = cheaper ?? closest;
  if (shown !== undefined) {
    const failures = failuresOf(shown.checks);
    sentences.push(
      `${shown === cheaper ? 'Cheaper would be' : 'The closest that was ruled out is'} ${shown.id.slice(shown.id.indexOf('@') + 1)}; against it ${failures.length === 1 ? 'stands' : 'stand'} ${failures.map(({ id }) => nameOf(id)).join(' and ')}${failures[0] === undefined ? '' : `: ${failures[0].detail}`}`,
    );
  }
  return `${stage.id}: ${sentences.join(' ')}`;
}

/** What staying in the country of those the data is about would cost, where the plan leaves it. */
function atHome(
  { stages, sites }: Scenario,
  index: number,
  { feasible }: StageOptions,
  own: readonly PlacedOption[],
): string[] {
  const { subjectCountries } = stages[index] as Stage;
  const [home] = subjectCountries;
  if (home === undefined || subjectCountries.length > 1 || own.every(({ country }) => country === home)) return [];
  const stays = feasible.find(({ site }) => sites[site]?.country === home);
  return [
    stays?.served == null
      ? `No option in ${home} passes every check.`
      : `Staying in ${home} would cost ${money(stays.served.total.amount)} USD a month by itself: ${stays.id.slice(stays.id.indexOf('@') + 1)}.`,
  ];
}

function unplaced(stage: Stage, options: StageOptions): string {
  const [closest] = options.rejected;
  if (closest === undefined) return `${stage.id}: no site of this question has a device for it.`;
  const failures = failuresOf(closest.checks);
  return `${stage.id}: none of ${options.rejected.length} options passes every check. The closest is ${closest.id.slice(closest.id.indexOf('@') + 1)}: ${failures.map(({ detail }) => detail).join(' ')}`;
}

export const failedChecks = (
  rejected: readonly RejectedOption[] | readonly { readonly failures: readonly { readonly id: string }[] }[],
) => {
  const counts = new Map<string, number>();
  for (const { failures } of rejected)
    for (const id of new Set(failures.map((failure) => failure.id))) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts]
    .map(([check, count]) => ({ check, count }))
    .sort((a, b) => b.count - a.count || (a.check < b.check ? -1 : 1));
};

const money = (amount: string) => Math.round(Number(amount)).toLocaleString('en-US');
const ms = (value: number) =>
  value < 10
    ? `${value.toPrecision(2)} ms`
    : value < 10_000
      ? `${Math.round(value)} ms`
      : `${(value / 1000).toPrecision(3)} s`;
const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
const rate = (bytesPerSecond: number) =>
  bytesPerSecond < 1e3
    ? `${bytesPerSecond.toPrecision(3)} B/s`
    : bytesPerSecond < 1e6
      ? `${(bytesPerSecond / 1e3).toPrecision(3)} kB/s`
      : `${(bytesPerSecond / 1e6).toPrecision(3)} MB/s`;
