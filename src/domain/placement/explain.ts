/** A paragraph per component that a manager can read. */
import { type Change, type CheckId, distanceOf, failuresOf } from './check.ts';
import { nameOf } from './check-names.ts';
import type { EdgeReport } from './edge-report.ts';
import { OPEN_DATA, safeguardsInWords } from './law.ts';
import { totalLatency } from './network-leg.ts';
import type { PlacementOption, StageOptions } from './options.ts';
import type { TrainingJob } from './request.ts';
import type { PlacedOption, RejectedOption, TrafficReport } from './result.ts';
import type { Scenario, Stage } from './scenario.ts';
import { deadlineHoursOf } from './serve-training.ts';
import { withLastMileUsd } from './traffic.ts';
import {
  hours,
  joined,
  usd as money,
  milliseconds as ms,
  percent,
  dataRate as rate,
  USER_DEVICES,
  volume,
} from './words.ts';

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
  edge: readonly EdgeReport[],
): string {
  const stage = scenario.stages[index] as Stage;
  const own = placed.filter((it) => it.stage === stage.id);
  if (own.length === 0) {
    if (stage.alternatives !== null && options.feasible.length > 0)
      return `${stage.id}: not used in this plan; another division of the work was chosen.`;
    return unplaced(scenario, stage, options);
  }
  const sentences = own.flatMap((place) => [
    whereItRuns(place),
    stage.component.training === undefined
      ? howLongUsersWait(stage, place, firstWordsMs(options, place))
      : howLongARunTakes(stage, place, stage.component.training),
    ...inTheField(edge.find((it) => it.stage === stage.id && it.siteId === place.siteId)),
    ...lawInWords(place),
    ...ruleNotRead(scenario, stage, place),
  ]);
  sentences.push(...atHome(scenario, index, options, own));
  for (const flow of traffic.filter(({ fromStage, fromSite, toSite }) => fromStage === stage.id && fromSite !== toSite))
    sentences.push(
      `${rate(flow.bytesPerSecond)} go to ${flow.toStage} at ${flow.toSite}${flow.crossesBorder ? ' across the border' : ''}.`,
    );
  const isLocal = own.every(({ siteKind }) => siteKind === 'device_fleet' || siteKind === 'edge_box');
  if (stage.part === 'small' && isLocal && traffic.some(({ fromStage }) => fromStage === stage.id))
    sentences.push('What is not hard never leaves the place.');
  sentences.push(...ruledOut(scenario, options, own));
  return `${stage.id}: ${sentences.join(' ')}`;
}

function whereItRuns(place: PlacedOption): string {
  const share = place.share < 1 ? `${percent(place.share)} of the load ` : '';
  const count = `${place.devices} x ${place.deviceName}${place.units > 1 ? ` on each of ${place.units} units` : ''}`;
  const form = [place.weightFormat, place.variantId === null ? null : `variant ${place.variantId}`]
    .filter((it) => it !== null)
    .join(', ');
  const watts = place.estimateRequest?.serving?.powerWatts;
  const mode = watts === undefined ? '' : ` in ${place.devices * place.units > 1 ? 'their' : 'its'} mode of ${watts} W`;
  const field = Number(place.fieldUsdPerMonth);
  const cost =
    field === 0
      ? `${money(place.usdPerMonth)} USD a month by itself`
      : `${money(String(Number(place.usdPerMonth) + field))} USD a month by itself, ${money(place.fieldUsdPerMonth)} of it for installation, visits, lines and the like`;
  return `${share}${place.trainingRequest !== null ? 'Trains' : share === '' ? 'Runs' : 'runs'} ${KINDS[place.siteKind]}, ${place.siteId} (${place.country}), on ${count}${mode}${form === '' ? '' : ` as ${form}`}, ${place.purchaseCategory === USER_DEVICES ? 'which belong to the users' : place.purchaseCategory.replaceAll('_', '-')}: ${cost}.`;
}

const optionOf = ({ feasible, divided }: StageOptions, { optionId }: PlacedOption): PlacementOption | undefined =>
  [...feasible, ...divided].find(({ id }) => id === optionId);

/** When a reader of a language model sees the first token, at p95 over the network; null for all else. */
function firstWordsMs(options: StageOptions, place: PlacedOption): number | null {
  const option = optionOf(options, place);
  const [ttftMs, leg] = [option?.served?.ttftMs, option?.legs[0]];
  return ttftMs == null || leg === undefined ? null : totalLatency(leg, ttftMs).p95;
}

function howLongUsersWait(
  { component }: Stage,
  { slowestUserGroup, latencyMs, serviceMs }: PlacedOption,
  firstMs: number | null,
): string {
  const budget = component.latency;
  if (firstMs !== null && budget?.measure !== 'time_to_first_token')
    return `Users of ${slowestUserGroup} read the first words after ${ms(firstMs)} and have the whole answer after ${ms(latencyMs.p95)} at p95, ${ms(serviceMs.p95)} of it the service${budget === undefined ? '' : `; ${ms(budget.milliseconds)} at ${budget.percentile ?? 'p95'} are allowed`}.`;
  return `Users of ${slowestUserGroup} wait ${ms(latencyMs.p95)} ${budget?.measure === 'time_to_first_token' ? 'for the first words ' : ''}at p95, ${ms(serviceMs.p95)} of it the service${budget === undefined ? '' : `; ${ms(budget.milliseconds)} at ${budget.percentile ?? 'p95'} are allowed`}.`;
}

function howLongARunTakes({ requestsPerDay }: Stage, { serviceMs }: PlacedOption, job: TrainingJob): string {
  return `A run takes ${hours(serviceMs.p50 / MILLISECONDS_PER_HOUR)}, in 19 of 20 cases at most ${hours(serviceMs.p95 / MILLISECONDS_PER_HOUR)}; ${hours(deadlineHoursOf(job, requestsPerDay))} are allowed. It runs ${runsInWords(requestsPerDay)}.`;
}

const MILLISECONDS_PER_HOUR = 3_600_000;
const runsInWords = (perDay: number): string =>
  perDay === 1
    ? 'once a day'
    : perDay > 1
      ? `${Number(perDay.toPrecision(3))} times a day`
      : `every ${Number((1 / perDay).toPrecision(3))} days`;

/** What it means that the work is done where the data is. */
function inTheField(report: EdgeReport | undefined): string[] {
  if (report === undefined) return [];
  const { upload, offline, updates } = report;
  const sentences: string[] = [];
  if (offline !== null)
    sentences.push(
      `It works on for ${offline.hoursPossible === null ? `${offline.hoursAsked} h and more` : `${offline.hoursPossible} h`} without the wide-area connection${offline.backlogGigabytes > 0 ? `; ${volume(offline.backlogGigabytes)}${report.devices > 1 ? ' a line' : ''} then wait to be sent${offline.fits === false ? ', more than its storage holds' : ''}${offline.catchUpHours === null ? '' : `, for ${hours(offline.catchUpHours)}`}` : ''}.`,
    );
  if (upload.rawGigabytesPerMonth > 0 && upload.savedShare > 0)
    sentences.push(
      `${volume(upload.savedGigabytesPerMonth)} of raw data a month (${percent(upload.savedShare)}) need no line${upload.savedUsdPerMonth === null ? '' : `, ${money(upload.savedUsdPerMonth)} USD at the price of their data`}.`,
    );
  if (updates.gigabytesPerMonth > 0)
    sentences.push(
      `Updates bring ${volume(updates.gigabytesPerMonth)} a month${updates.hoursPerUpdate === null ? '' : `, ${hours(updates.hoursPerUpdate)} each on its line`}${Number(updates.usdPerMonth ?? 0) < 1 ? '' : `, for ${money(updates.usdPerMonth ?? '0')} USD`}.`,
    );
  return sentences;
}

function lawInWords({ law }: PlacedOption): string[] {
  const conditional = law.filter(({ verdict }) => verdict !== 'allowed');
  const sentences = conditional.slice(0, 2).map(({ sentence }) => sentence);
  if (conditional.length > 2)
    sentences.push(
      `${conditional.length - 2} more set conditions: ${conditional
        .slice(2)
        .map(({ name }) => name)
        .join(', ')}.`,
    );
  if (law.length === 0) return ['No rule that was read says where this data may be.'];
  if (conditional.length > 0) return sentences;
  const open = law.filter(({ regimeId }) => regimeId === OPEN_DATA).map(({ sentence }) => sentence);
  if (open.length > 0) return open;
  const names = [...new Set(law.map(({ name }) => name))];
  const duties = [...new Set(law.flatMap(({ safeguards }) => safeguards))];
  const flag = law.some(({ reviewFlag }) => reviewFlag) ? ' Read at second hand: have it checked.' : '';
  return [
    `${joined(names)} allow${names.length === 1 ? 's' : ''} it there${duties.length === 0 ? ' without a safeguard' : `; ${duties.length === 1 ? 'a duty stays' : 'duties stay'}: ${safeguardsInWords(duties)}`}.${flag}`,
  ];
}

/** Data with rules of its own in many countries, and what they are called there. */
const RULES_OF_THEIR_OWN: Readonly<Record<string, readonly string[]>> = {
  health: ['health'],
  financial: ['financial'],
  payment: ['payment', 'financial'],
  critical: ['critical'],
};

/** Where only the general law of a country was read, the answer says that its rule for the trade was not. */
function ruleNotRead({ snapshot }: Scenario, { dataClasses }: Stage, { law }: PlacedOption): string[] {
  if (law.length === 0) return [];
  const bind = new Set(law.map(({ regimeId }) => regimeId));
  const scopes = new Set(snapshot.regimes.flatMap(({ id, scope }) => (bind.has(id) ? scope : [])));
  const missing = dataClasses.filter((dataClass) => RULES_OF_THEIR_OWN[dataClass]?.every((name) => !scopes.has(name)));
  return missing.length === 0
    ? []
    : [`No rule of its own for ${joined(missing)} data was read, only those named: have it checked.`];
}

/** Of those below a price the closest to passing, of equally close ones the cheapest. */
export const closestBelow = (
  scenario: Scenario,
  options: readonly PlacementOption[],
  usdPerMonth: number,
): PlacementOption | undefined => {
  const usdOf = (option: PlacementOption) => withLastMileUsd(scenario, option) ?? Number.POSITIVE_INFINITY;
  const cheaper = options.filter((option) => usdOf(option) < usdPerMonth);
  const distances = new Map(cheaper.map((option) => [option, distanceOf(option.checks)]));
  const least = Math.min(...distances.values());
  return cheaper
    .filter((option) => (distances.get(option) ?? 0) <= least + SAME_DISTANCE)
    .reduce<PlacementOption | undefined>(
      (best, it) => (best === undefined || usdOf(it) < usdOf(best) ? it : best),
      undefined,
    );
};
const SAME_DISTANCE = 1e-9;

const CLEARLY_CHEAPER = 0.98;

/** The cheaper one that was ruled out, else the closest, and why. */
function ruledOut(scenario: Scenario, options: StageOptions, own: readonly PlacedOption[]): string[] {
  const { rejected } = options;
  const cheaper = closestBelow(scenario, rejected, placedUsd(scenario, options, own[0]) * CLEARLY_CHEAPER);
  const shown = cheaper ?? rejected[0];
  if (shown === undefined) return [];
  const failures = tellingFailures(shown);
  const details = failures.filter(({ id }, rank) => rank === 0 || id === 'latency').map(({ detail }) => detail);
  const usd = withLastMileUsd(scenario, shown);
  const price = usd === null ? '' : ` at ${money(String(usd))} USD`;
  return [
    `${shown === cheaper ? 'Cheaper would be' : 'The closest that was ruled out is'} ${shown.id.slice(shown.id.indexOf('@') + 1)}${price}; against it ${failures.length === 1 ? 'stands' : 'stand'} ${joined(failures.map(({ id }) => nameOf(id)))}${details.length === 0 ? '' : `: ${details.join(' ')}`}`,
  ];
}

/** Without those that follow from others: what is too slow by itself is also late over any network; unless it takes more to be in time. */
function tellingFailures({ checks }: PlacementOption) {
  const failures = failuresOf(checks);
  const failed = new Set(failures.map(({ id }) => id));
  const implied: readonly CheckId[] = failed.has('service_time')
    ? ['round_trip', 'latency']
    : failed.has('round_trip')
      ? ['latency']
      : [];
  const enough = Math.max(...failures.map(({ id, change }) => (implied.includes(id) ? 0 : budgetOf(change))));
  return failures.filter(({ id, change }) => !implied.includes(id) || budgetOf(change) > enough);
}

/** Milliseconds that a change of a latency asks for; 0 of any other. */
const budgetOf = (change: Change | null): number =>
  change?.field.endsWith('/latency/milliseconds') === true ? Number(change.to) : 0;

/** What staying in the country of those the data is about would cost, where the plan leaves it. */
function atHome(scenario: Scenario, index: number, { feasible }: StageOptions, own: readonly PlacedOption[]): string[] {
  const { stages, sites } = scenario;
  const { subjectCountries } = stages[index] as Stage;
  const [home] = subjectCountries;
  if (home === undefined || subjectCountries.length > 1 || own.every(({ country }) => country === home)) return [];
  const stays = feasible.find(({ site }) => sites[site]?.country === home);
  const usd = stays === undefined ? null : withLastMileUsd(scenario, stays);
  return [
    stays === undefined || usd === null
      ? `No option in ${home} passes every check.`
      : `Staying in ${home} would cost ${money(String(usd))} USD a month by itself: ${stays.id.slice(stays.id.indexOf('@') + 1)}.`,
  ];
}

/** What a placed option costs with the data of its users. */
export function placedUsd(scenario: Scenario, options: StageOptions, place: PlacedOption | undefined): number {
  const option = place === undefined ? undefined : optionOf(options, place);
  return (option === undefined ? null : withLastMileUsd(scenario, option)) ?? 0;
}

function unplaced(scenario: Scenario, stage: Stage, options: StageOptions): string {
  const [cheapest] = options.feasible;
  const usd = cheapest === undefined ? null : withLastMileUsd(scenario, cheapest);
  if (cheapest !== undefined && usd !== null)
    return `${stage.id}: ${options.feasible.length === 1 ? '1 option passes' : `${options.feasible.length} options pass`} every check by ${options.feasible.length === 1 ? 'itself' : 'themselves'}, the cheapest ${cheapest.id.slice(cheapest.id.indexOf('@') + 1)} at ${money(String(usd))} USD a month; what is missing is elsewhere.`;
  const [closest] = options.rejected;
  if (closest === undefined) return `${stage.id}: no site of this question has a device for it.`;
  const failures = tellingFailures(closest);
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
