/** How much a question asks to be looked at. One that no instance could hold in memory is told what to state, before any work. */
import { refuse } from '../estimate/request-fault.ts';
import type { PlacementComponent, PlacementRequest } from './request.ts';
import type { PlaceableSite, Stage } from './scenario.ts';

/** Components and the parts that splits make of them. */
const MOST_PARTS = 2500;
/**
 * Ways to place the parts, by what they take of memory: some 4 kB at a site of the catalog, where a part is estimated in full, and three
 * times as much at a site that is given, where all are. The most is about 1 GB.
 */
export const MOST_WEIGHT = 250_000;
const WEIGHT_AT_GIVEN_SITE = 3;

function partsOf({ split }: PlacementComponent, groups: number): number {
  if (split?.kind === 'by_user_group') return groups;
  return split?.kind === 'hard_cases' ? split.points.length + 2 : 1;
}

/** @throws RequestFaultError where there are too many. */
export function requireFewParts({ components, userGroups }: PlacementRequest): void {
  const parts = components.map((component) => partsOf(component, userGroups.length));
  const sum = parts.reduce((total, it) => total + it, 0);
  if (sum <= MOST_PARTS) return;
  const largest = parts.indexOf(Math.max(...parts));
  refuse(
    `/components/${largest}/split`,
    'maximum',
    `The components and their splits make ${told(sum)} parts to place; at most ${told(MOST_PARTS)} are placed together. Split fewer components by user group, join user groups that are alike, or ask in several questions.`,
  );
}

/** @throws RequestFaultError where it is more than one question is worth. */
export function requireFewWays(stages: readonly Stage[], sites: readonly PlaceableSite[]): void {
  const weight = weightOf(stages, sites);
  if (weight <= MOST_WEIGHT) return;
  const isOpen = sites.some(({ pointer }) => pointer === null);
  const share = MOST_WEIGHT / weight;
  const ask = `This question has about ${told(waysOf(stages, sites))} ways to place its ${told(stages.length)} parts, some ${told(1 / share)} times what one question may have.`;
  refuse(
    isOpen ? '/sites' : '/components/0/sites',
    'maximum',
    isOpen
      ? `${ask} Name the sites that come into question (a cloud region is {"region": "azure/uaenorth"}), the devices of each component, or split fewer components by user group.`
      : `${ask} Name the sites and devices that each component may use (components[].sites, components[].devices), give fewer devices a site, or ask in several questions.`,
  );
}

const told = (count: number): string =>
  count < 10 ? Number(count.toPrecision(2)).toString() : Math.round(count).toLocaleString('en-US');

/** In units of about four kilobytes. */
export const weightOf = (stages: readonly Stage[], sites: readonly PlaceableSite[]): number =>
  sum(stages, sites, ({ pointer }) => (pointer === null ? 1 : WEIGHT_AT_GIVEN_SITE));

const waysOf = (stages: readonly Stage[], sites: readonly PlaceableSite[]): number => sum(stages, sites, () => 1);

function sum(
  stages: readonly Stage[],
  sites: readonly PlaceableSite[],
  weight: (site: PlaceableSite) => number,
): number {
  // stages with the same lists of sites and devices, for the same users, have as many
  const known = new Map<string, number>();
  let total = 0;
  for (const { component, groups, works } of stages) {
    const [only] = groups;
    const key = `${component.sites?.join()}|${component.devices?.join()}|${groups.length === 1 ? only?.id : ''}`;
    const ways =
      known.get(key) ??
      sites.reduce((count, site) => {
        if (component.sites?.includes(site.id) === false) return count;
        if (site.onlyFor !== null && !groups.every(({ id }) => id === site.onlyFor)) return count;
        const devices = site.devices.filter(({ device }) => component.devices?.includes(device.id) !== false);
        return count + weight(site) * devices.reduce((all, { purchases }) => all + purchases.length, 0);
      }, 0);
    known.set(key, ways);
    total += ways * works.length;
  }
  return total;
}
