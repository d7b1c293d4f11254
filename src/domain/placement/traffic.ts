/** What crosses the network: between users and places, and between stages, with its price. */
import { networkEgressCost } from '../network/index.ts';
import { DAYS_PER_MONTH, GB, KB } from '../units.ts';
import type { PlacementOption } from './options.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
import { wholeUsd } from './serve.ts';

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
  const ids = new Set(a.groups.map(({ id }) => id));
  const common = b.groups.filter(({ id }) => ids.has(id)).reduce((sum, { share }) => sum + share, 0);
  return a.component.split?.kind === 'by_user_group' || b.component.split?.kind === 'by_user_group' ? common : 1;
}

export function pairCosts(
  { sites }: Scenario,
  { from, to, gigabytesPerMonth }: StageEdge,
  options: readonly PlacementOption[],
): number[][] {
  const at = (stage: number) => new Set(options.filter((option) => option.stage === stage).map(({ site }) => site));
  const [sources, targets] = [at(from), at(to)];
  return sites.map((source, a) =>
    sources.has(a)
      ? sites.map((target, b) =>
          a === b || !targets.has(b) ? 0 : egressBetween(source, target, gigabytesPerMonth).usdPerMonth,
        )
      : [],
  );
}

/** Monthly cost of traffic from one site to another: what the sender pays, and what the line at the receiver costs. */
export function egressBetween(
  source: PlaceableSite,
  target: PlaceableSite,
  gigabytesPerMonth: number,
): { readonly usdPerMonth: number; readonly source: string } {
  const sent = networkEgressCost(endOf(source), endOf(target), gigabytesPerMonth, source.egressUsdPerGb ?? undefined);
  const arrival = (target.ingressUsdPerGb ?? 0) * gigabytesPerMonth;
  return arrival > 0
    ? { usdPerMonth: sent.usdPerMonth + arrival, source: `${sent.source}; and the line of ${target.id}` }
    : sent;
}

const endOf = ({ region, providerId, country }: PlaceableSite) => ({
  regionId: region?.id,
  providerId: providerId ?? undefined,
  country,
});
