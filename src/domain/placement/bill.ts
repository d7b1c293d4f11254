/** The bill of a plan: the lines of the chosen options as their estimates have them, shared machines once, traffic and sites. */
import { exactly } from '../economics/assumption.ts';
import { type Bill, bill, type DraftItem, lineItem } from '../economics/line-item.ts';
import { CURRENCY, price, unitAmount } from '../money.ts';
import { beyondFree } from './free-egress.ts';
import type { Assignment, Instance } from './instance.ts';
import type { PlacementInstance } from './instance-of.ts';
import type { PlacementOption } from './options.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
import { itemsOf, partsOf } from './shared-machines.ts';
import { egressBetween, lastMileUsd } from './traffic.ts';

interface EdgeTraffic {
  readonly from: PlacementOption;
  readonly to: PlacementOption;
  readonly gigabytesPerMonth: number;
  readonly usdPerMonth: number;
  readonly basis: string;
}

export interface PlanBill {
  readonly bill: Bill;
  readonly traffic: readonly EdgeTraffic[];
}

export function billOf(scenario: Scenario, placement: PlacementInstance, assignment: Assignment): PlanBill {
  const { instance, options, pools } = placement;
  const drafts: DraftItem[] = [];
  const chosen = assignment.options.map((index) => options[index] as PlacementOption);
  const usersOf = Map.groupBy(assignment.options, (index) => instance.options[index]?.pool?.pool ?? null);
  for (const index of assignment.options) {
    const option = options[index] as PlacementOption;
    const { served } = option;
    if (served === null) continue;
    const pool = instance.options[index]?.pool?.pool ?? null;
    const sharers = pool === null ? [index] : (usersOf.get(pool) ?? []);
    const machines = pool === null ? served.devices : (assignment.machines[pool] ?? 0);
    if (sharers.length === 1 && machines === served.devices) {
      for (const item of itemsOf(served)) drafts.push(placedItem(scenario, chosen, option, item));
      continue;
    }
    const parts = partsOf(served);
    for (const item of parts.component) drafts.push(placedItem(scenario, chosen, option, item));
    if (index !== sharers[0]) continue;
    const name = `${siteId(scenario, option)}/${pools[pool ?? -1]?.deviceId}`;
    for (const item of parts.machines) drafts.push(rescaled(item, machines / served.devices, name, sharers.length));
  }
  for (const option of chosen) {
    const usd = lastMileUsd(scenario, option);
    if (usd > 0)
      drafts.push(
        amountItem(
          `${stageId(scenario, option)}@${siteId(scenario, option)}:network.last_mile`,
          'Data of the users over their connection',
          usd,
        ),
      );
  }
  const traffic = trafficOf(scenario, placement, chosen);
  for (const { from, to, gigabytesPerMonth, usdPerMonth, basis } of traffic) {
    if (usdPerMonth <= 0) continue;
    drafts.push(
      lineItem({
        id: `${stageId(scenario, from)}>${stageId(scenario, to)}:network`,
        label: `Traffic from ${siteId(scenario, from)} to ${siteId(scenario, to)}`,
        category: 'network',
        formula: 'gigabytesPerMonth x pricePerGigabyte',
        quantity: gigabytesPerMonth,
        unitAmount: unitAmount(usdPerMonth / gigabytesPerMonth),
        currency: CURRENCY,
        inputs: {
          gigabytesPerMonth: exactly(gigabytesPerMonth, 'GB a month'),
          pricePerGigabyte: exactly(usdPerMonth / gigabytesPerMonth, 'USD/GB', basis),
        },
      }),
    );
  }
  for (const { list, account, gigabytes, usdPerMonth } of beyondFree(instance, assignment)) {
    const { name, gigabytes: free } = instance.freeAccounts[account] as Instance['freeAccounts'][number];
    const { usdPerGigabyte } = instance.freeLists[list] as Instance['freeLists'][number];
    drafts.push(
      lineItem({
        id: `${name}:network.beyond_free:${usdPerGigabyte}`,
        label: `Internet egress of ${name} beyond what it gives free once a month`,
        category: 'network',
        formula: 'gigabytesPerMonth x pricePerGigabyte',
        quantity: gigabytes,
        unitAmount: unitAmount(usdPerMonth / gigabytes),
        currency: CURRENCY,
        inputs: {
          gigabytesPerMonth: exactly(
            gigabytes,
            'GB a month',
            `counted as free by several lines of this bill; ${free} GB a month are, whatever sends them`,
          ),
          pricePerGigabyte: exactly(usdPerGigabyte, 'USD/GB'),
        },
      }),
    );
  }
  for (const site of new Set(chosen.map(({ site }) => site))) {
    const { id, description } = scenario.sites[site] as PlaceableSite;
    const usd = Number(description.usdPerMonth ?? 0);
    if (usd > 0) drafts.push(amountItem(`${id}:site`, `Line, room and gateway of ${id}`, usd, 'facility'));
  }
  return { bill: bill(drafts, CURRENCY), traffic };
}

/** A component in several places has its lines told apart by site. */
function placedItem(
  scenario: Scenario,
  chosen: readonly PlacementOption[],
  option: PlacementOption,
  item: DraftItem,
): DraftItem {
  if (chosen.filter(({ stage }) => stage === option.stage).length === 1) return item;
  const stage = stageId(scenario, option);
  return { ...item, id: `${stage}@${siteId(scenario, option)}${item.id.slice(stage.length)}` };
}

const stageId = ({ stages }: Scenario, { stage }: PlacementOption): string => (stages[stage] as Stage).id;
const siteId = ({ sites }: Scenario, { site }: PlacementOption): string => (sites[site] as PlaceableSite).id;

/** Traffic between the chosen places, each pair by its share. */
function trafficOf(
  scenario: Scenario,
  { edges }: PlacementInstance,
  chosen: readonly PlacementOption[],
): EdgeTraffic[] {
  return edges.flatMap(({ from, to, gigabytesPerMonth }) => {
    const sources = chosen.filter(({ stage }) => stage === from);
    const targets = chosen.filter(({ stage }) => stage === to);
    return sources.flatMap((source) => {
      let left = source.share;
      const priced = targets
        .map((target) => ({
          target,
          cost: egressBetween(
            scenario.sites[source.site] as PlaceableSite,
            scenario.sites[target.site] as PlaceableSite,
            gigabytesPerMonth,
          ),
        }))
        .sort(
          (a, b) =>
            Number(a.target.site !== source.site) - Number(b.target.site !== source.site) ||
            a.cost.usdPerMonth - b.cost.usdPerMonth,
        );
      return priced.flatMap(({ target, cost }) => {
        const share = Math.min(left, target.share);
        left -= share;
        return share <= 0
          ? []
          : [
              {
                from: source,
                to: target,
                gigabytesPerMonth: gigabytesPerMonth * share,
                usdPerMonth: target.site === source.site ? 0 : cost.usdPerMonth * share,
                basis: cost.source,
              },
            ];
      });
    });
  });
}

/** The lines of one component's machines, for as many machines as all that share them need. */
const rescaled = (item: DraftItem, factor: number, name: string, sharers: number): DraftItem => ({
  ...item,
  id: `${name}:${item.id.slice(item.id.indexOf(':') + 1)}`,
  label: sharers > 1 ? `${item.label}, shared by ${sharers} components` : item.label,
  amount: price(factor, item.amount.amount, CURRENCY),
  formula: `(${item.formula}) x machines`,
  inputs: [
    ...item.inputs,
    { name: 'machines', value: factor, unit: 'of those priced', source: 'the plan', assumptionId: null },
  ],
  components: item.components.map(({ amount, factors }) => ({ amount: amount * factor, factors })),
});

const amountItem = (id: string, label: string, usd: number, category: DraftItem['category'] = 'network'): DraftItem =>
  lineItem({
    id,
    label,
    category,
    formula: 'usdPerMonth',
    quantity: 1,
    unitAmount: unitAmount(usd),
    currency: CURRENCY,
    inputs: { usdPerMonth: exactly(usd, 'USD a month') },
  });
