/** Defaults that a plan rests on: those of the question, and those of the estimates behind it, by the fields of this request. */
import type { Assumption } from '../economics/assumption.ts';
import type { PlacementOption } from './options.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';

/** The same default of several components or sites is listed once, at the first of them; with another value it is another one. */
export function assumptionsOf(scenario: Scenario, chosen: readonly PlacementOption[]): Assumption[] {
  const all = new Map<string, Assumption>();
  const add = (assumption: Assumption): void => {
    const key = JSON.stringify([assumption.id, assumption.value]);
    if (!all.has(key)) all.set(key, assumption);
  };
  for (const assumption of scenario.log.list()) add(assumption);
  for (const option of chosen)
    for (const assumption of option.served?.assumptions ?? [])
      add({ ...assumption, field: fieldHere(assumption.field, scenario, option) });
  return [...all.values()];
}

/** Figures that a site of the request may state by itself. */
const OF_THE_SITE: Readonly<Record<string, string>> = {
  '/site/pue': '/pue',
  '/site/rackKilowatts': '/rackKilowatts',
  '/site/gridGramsCo2ePerKwh': '/gridGramsCo2ePerKwh',
  '/purchase/owned/electricityUsdPerKwh': '/electricityUsdPerKwh',
};
const OF_THIS_REQUEST = /^\/(components|sites|policies)(\/|$)/;
const OF_THE_COMPONENT = /^\/(traffic|objectives|scaling)\//;
const OF_THE_WORK =
  /^\/(promptTokens|outputTokens|audioSecondsPerRequest|imageSize|denoisingSteps|candidatesPerRequest|serving)(\/|$)/;
const OF_THE_TRAINING = /^\/(method|loraRank|optimizer|sequenceLength|globalBatchTokens|precision)$/;
const NONE = '';

/** Where a field of the estimate behind an option stands in this request; empty where it has no such field. */
function fieldHere(
  field: string,
  { stages, sites, request }: Scenario,
  { stage, site, device, work }: PlacementOption,
) {
  const { index, component } = stages[stage] as Stage;
  const { pointer } = sites[site] as PlaceableSite;
  if (OF_THIS_REQUEST.test(field)) return field;
  const ofTheSite = OF_THE_SITE[field];
  // Whoever names the site can say it.
  if (ofTheSite !== undefined) return pointer === null ? '/sites' : `${pointer}${ofTheSite}`;
  if (component.training !== undefined && OF_THE_TRAINING.test(field)) return `/components/${index}/training${field}`;
  if (OF_THE_COMPONENT.test(field)) return `/components/${index}${field}`;
  if (OF_THE_WORK.test(field)) return `${work.pointer}${field}`;
  if (field === '/device') return `/components/${index}/devices`;
  if (field.startsWith('/purchase/owned/')) {
    const given = request.sites?.some(({ devices }, at) =>
      devices?.some(({ purchase }, position) => purchase && device.pointer === `/sites/${at}/devices/${position}`),
    );
    return given ? `${device.pointer}${field}` : `/policies${field.slice('/purchase'.length)}`;
  }
  if (device.pointer !== null && /^\/(userDevices|customDevice)\//.test(field)) return `${device.pointer}${field}`;
  return NONE;
}
