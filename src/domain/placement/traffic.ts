/** What crosses the network: between users and places, and between stages, with its price. */
import { egressPriceFor, type FreeEgress, freeEgressOf } from '../economics/network-cost.ts';
import { type EgressRate, networkEgressRate } from '../network/index.ts';
import { DAYS_PER_MONTH, GB, KB } from '../units.ts';
import type { InstanceEdge } from './instance.ts';
import type { PlacementOption } from './options.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
import { isSentToUsers, wholeUsd } from './serve.ts';

export interface StageEdge {
  readonly from: number;
  readonly to: number;
  readonly gigabytesPerMonth: number;
}

/** Cost of data between users and a place away from them, at the price of their connection. */
export function lastMileUsd({ stages, sites }: Scenario, { stage: index, site, share }: PlacementOption): number {
  const { groups, requestsPerDay, requestKilobytes, responseKilobytes, part } = stages[index] as Stage;
  // users talk to the small model; hard cases that it passes on are traffic between stages
  if (part === 'hard') return 0;
  const { userSide } = sites[site] as PlaceableSite;
  const whole = groups.reduce((sum, group) => sum + group.share, 0);
  return groups
    .filter(({ id }) => !userSide.has(id))
    .reduce((sum, group) => {
      const gigabytes =
        ((requestKilobytes + responseKilobytes) *
          KB *
          requestsPerDay *
          share *
          DAYS_PER_MONTH *
          (group.share / whole)) /
        GB;
      return sum + gigabytes * (group.uplinkUsdPerGb ?? 0);
    }, 0);
}

/** Cost of an option a month, the data of its users included; null where it was not estimated. */
export const withLastMileUsd = (scenario: Scenario, option: PlacementOption): number | null =>
  option.served === null ? null : wholeUsd(option.served) + lastMileUsd(scenario, option);

const gigabytesOf = (callsPerDay: number, kilobytes: number): number =>
  (callsPerDay * kilobytes * KB * DAYS_PER_MONTH) / GB;

/** Traffic between stages in both directions, easy/hard splits included. */
export function stageEdges({ stages, edges, request }: Scenario): StageEdge[] {
  const result: StageEdge[] = [];
  const add = (from: number, to: number, gigabytesPerMonth: number): void => {
    if (gigabytesPerMonth > 0) result.push({ from, to, gigabytesPerMonth });
  };
  const entry = (component: number): number[] =>
    [...stages.entries()]
      .filter(([, stage]) => stage.index === component && stage.part !== 'hard')
      .map(([index]) => index);
  for (const edge of edges) {
    const from = entry(request.components.findIndex(({ id }) => id === edge.from));
    const to = entry(request.components.findIndex(({ id }) => id === edge.to));
    for (const a of from)
      for (const b of to) {
        const share = commonShare(stages[a] as Stage, stages[b] as Stage);
        add(a, b, gigabytesOf(edge.callsPerDay * share, edge.requestKilobytes));
        add(b, a, gigabytesOf(edge.callsPerDay * share, edge.responseKilobytes ?? 0));
      }
  }
  for (const [small, stage] of stages.entries()) {
    if (stage.part !== 'small') continue;
    for (const [hard, other] of stages.entries()) {
      if (other.part !== 'hard' || other.index !== stage.index) continue;
      add(small, hard, gigabytesOf(other.requestsPerDay, other.requestKilobytes));
      add(hard, small, gigabytesOf(other.requestsPerDay, other.responseKilobytes));
    }
  }
  return result;
}

/** Share of an edge's calls that two stages exchange: the users that they have in common. */
function commonShare(a: Stage, b: Stage): number {
  const [one, other] = [a.groups[0], b.groups[0]];
  if (a.groups.length === 1 && b.groups.length === 1 && one !== undefined && one.id !== other?.id) return 0;
  const ids = new Set(a.groups.map(({ id }) => id));
  const common = b.groups.filter(({ id }) => ids.has(id)).reduce((sum, { share }) => sum + share, 0);
  return a.component.split?.kind === 'by_user_group' || b.component.split?.kind === 'by_user_group' ? common : 1;
}

/** The price of traffic from one site to another: what the sender pays, and what the line at the receiver costs. */
interface PairRate extends Pick<EgressRate, 'usdPerMonth' | 'free' | 'source'> {}

/** @param factor on what the sender pays */
function pairRate(source: PlaceableSite, target: PlaceableSite, factor = 1): PairRate {
  const sent = networkEgressRate(endOf(source), endOf(target), source.egressUsdPerGb ?? undefined);
  const arrival = target.ingressUsdPerGb ?? 0;
  return {
    free: sent.free,
    usdPerMonth: (gigabytes) => sent.usdPerMonth(gigabytes) * factor + arrival * gigabytes,
    source: arrival > 0 ? `${sent.source}; and the line of ${target.id}` : sent.source,
  };
}

const endOf = ({ region, providerId, country }: PlaceableSite) => ({
  regionId: region?.id,
  providerId: providerId ?? undefined,
  country,
});

/** Monthly cost of traffic from one site to another, as if nothing else were sent. */
export function egressBetween(
  source: PlaceableSite,
  target: PlaceableSite,
  gigabytesPerMonth: number,
): { readonly usdPerMonth: number; readonly source: string } {
  const rate = pairRate(source, target);
  return { usdPerMonth: rate.usdPerMonth(gigabytesPerMonth), source: rate.source };
}

/**
 * What edges cost between sites, worked out site by site when it is asked for. The prices themselves are looked up once.
 * @param factorAt on what a site pays for what it sends
 */
export function pricedEdges(
  { sites }: Scenario,
  options: readonly PlacementOption[],
  factorAt: (site: PlaceableSite) => number = () => 1,
): (edge: StageEdge) => Pick<InstanceEdge, 'pairCost' | 'freeGigabytes'> {
  const sitesOf = new Map(
    [...Map.groupBy(options, ({ stage }) => stage)].map(([stage, own]) => [
      stage,
      [...new Set(own.map(({ site }) => site))],
    ]),
  );
  const rates = new Map<number, PairRate>();
  const rateOf = (from: number, to: number): PairRate => {
    const key = from * sites.length + to;
    const source = sites[from] as PlaceableSite;
    const rate = rates.get(key) ?? pairRate(source, sites[to] as PlaceableSite, factorAt(source));
    rates.set(key, rate);
    return rate;
  };
  return ({ to, gigabytesPerMonth }) => {
    const targets = sitesOf.get(to) ?? [];
    const row = (from: number, figure: (rate: PairRate) => number): number[] => {
      const figures = sites.map(() => 0);
      for (const target of targets) if (target !== from) figures[target] = figure(rateOf(from, target));
      return figures;
    };
    return {
      pairCost: rememberedRows((from) => row(from, ({ usdPerMonth }) => usdPerMonth(gigabytesPerMonth))),
      freeGigabytes: rememberedRows((from) => {
        const gigabytes = row(from, ({ free }) => Math.min(free?.gigabytes ?? 0, gigabytesPerMonth));
        return gigabytes.some((it) => it > 0) ? gigabytes : null;
      }),
    };
  };
}

function rememberedRows<Row>(make: (from: number) => Row): (from: number) => Row {
  const rows = new Map<number, Row>();
  return (from) => {
    const known = rows.get(from);
    if (known !== undefined) return known;
    const row = make(from);
    rows.set(from, row);
    return row;
  };
}

/** The free volume of a site's account by its price list; null where it has none, or the request has a price of its own. */
export const freeEgressAt = ({ region, egressUsdPerGb, providerId, country }: PlaceableSite): FreeEgress | null => {
  if (region === null || egressUsdPerGb !== null) return null;
  const list = egressPriceFor({ regionId: region.id, providerId: providerId ?? undefined, country });
  return list === undefined ? null : freeEgressOf(list);
};

/** What an option's own estimate counts as free of the answers it sends to users, GB a month. */
export function freeAnswersGigabytes(
  { stages, sites }: Scenario,
  { stage: index, site: at, share }: PlacementOption,
): number {
  const [stage, site] = [stages[index] as Stage, sites[at] as PlaceableSite];
  const sends = stage.component.training === undefined && isSentToUsers(stage, site);
  const free = sends ? freeEgressAt(site) : null;
  return free === null
    ? 0
    : Math.min(free.gigabytes, gigabytesOf(stage.requestsPerDay * share, stage.responseKilobytes));
}
