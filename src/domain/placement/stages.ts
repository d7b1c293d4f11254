/** The units that are placed: components, their parts for one group of users, and the sides of an easy/hard split. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import { requireCheckpoint } from '../estimate/named-checkpoint.ts';
import { refuse } from '../estimate/request-fault.ts';
import { READING_PACE } from '../inference/language/reading-pace.ts';
import type { PlacementComponent, Work } from './request.ts';
import type { Alternative, Group, NamedWork, Stage } from './scenario.ts';

/**
 * What a reader expects of a language model where nothing is said. Two seconds to the first token keep a train of thought
 * (Nielsen 1993: 1 s unnoticed, 10 s the limit of attention).
 */
export const INTERACTIVE = { ttftMsP95: 2000, timePerOutputTokenMsP95: READING_PACE.value } as const;

export function stagesOf(
  snapshot: CatalogSnapshot,
  component: PlacementComponent,
  index: number,
  groups: readonly Group[],
  alternatives: Alternative[],
  alternativeGroups: number[],
  log: AssumptionLog,
): Stage[] {
  const pointer = `/components/${index}`;
  for (const [position, work] of [component, ...(component.variants ?? [])].entries())
    oneWork(work, position === 0 ? pointer : `${pointer}/variants/${position - 1}`);
  if (component.dataClasses === undefined)
    log.add({
      id: `data.classes.${component.id}`,
      field: `${pointer}/dataClasses`,
      value: 'personal',
      unit: null,
      range: null,
      source: 'judgement',
      reason: 'What the data is was not said: requests of users count as personal data, the careful reading.',
    });
  if (component.training !== undefined) noneOfServing(component, pointer);
  else if (
    component.objectives === undefined &&
    component.latency === undefined &&
    isLanguage(snapshot, component, pointer)
  )
    for (const [field, value] of Object.entries(INTERACTIVE))
      log.add({
        id: `objectives.${component.id}.${field}`,
        field: `${pointer}/objectives/${field}`,
        value,
        unit: 'ms',
        range: null,
        source: 'judgement: reading pace and attention of a person who waits',
        reason: 'Neither a latency budget nor objectives were given.',
      });
  if (component.latency?.measure === 'time_to_first_token' && !isLanguage(snapshot, component, pointer))
    refuse(
      `${pointer}/latency/measure`,
      'contradiction',
      'Only language models write a first token; leave measure out for the time of the whole answer.',
    );
  const dataClasses = component.dataClasses ?? ['personal'];
  const works: NamedWork[] = [
    { id: 'own', work: component, pointer },
    ...(component.variants ?? []).map((variant, position) => ({
      id: variant.id,
      work: variant,
      pointer: `${pointer}/variants/${position}`,
    })),
  ];
  const countries = [...new Set(groups.map(({ country }) => country))];
  const whole: Stage = {
    id: component.id,
    component,
    index,
    works,
    requestsPerDay: component.requestsPerDay,
    groups,
    requestKilobytes: component.requestKilobytes ?? 0,
    responseKilobytes: component.responseKilobytes ?? 0,
    dataClasses,
    subjectCountries: component.subjectCountries ?? countries,
    alternatives: null,
    part: 'whole',
  };
  const { split } = component;
  if (split?.kind === 'by_user_group')
    return groups.map((group) => ({
      ...whole,
      id: `${component.id}/${group.id}`,
      requestsPerDay: component.requestsPerDay * group.share,
      groups: [group],
      subjectCountries: component.subjectCountries ?? [group.country],
    }));
  if (split?.kind !== 'hard_cases') return [whole];

  oneWork(split.small, `${pointer}/split/small`);
  const first = alternatives.length;
  for (const [point, { hardShare, accuracy }] of split.points.entries())
    alternatives.push({ component: index, hardShare, accuracy, point });
  const alone = alternatives.length;
  alternatives.push({ component: index, hardShare: null, accuracy: component.accuracy ?? null, point: null });
  alternativeGroups.push(split.points.length + 1);
  const withSmall = split.points.map((_, point) => first + point);
  return [
    {
      ...whole,
      id: `${component.id}/small`,
      works: [{ id: 'small', work: split.small, pointer: `${pointer}/split/small` }],
      alternatives: withSmall,
      part: 'small',
    },
    ...split.points.map(
      ({ hardShare }, point): Stage => ({
        ...whole,
        id: `${component.id}/hard-${Number((hardShare * 100).toPrecision(4))}`,
        requestsPerDay: component.requestsPerDay * hardShare,
        requestKilobytes: split.hardRequestKilobytes ?? whole.requestKilobytes,
        dataClasses: split.hardDataClasses ?? dataClasses,
        alternatives: [first + point],
        part: 'hard',
      }),
    ),
    { ...whole, id: `${component.id}/all`, alternatives: [alone] },
  ];
}

/** A run of training answers nobody. */
function noneOfServing(component: PlacementComponent, pointer: string): void {
  for (const field of ['latency', 'objectives', 'split', 'function', 'variants', 'traffic', 'scaling'] as const)
    if (component[field] !== undefined)
      refuse(
        `${pointer}/${field}`,
        'contradiction',
        `A training job has no ${field}; leave it out, or leave training out. When a run must end is training.deadlineHours.`,
      );
  if (component.requestsPerDay < 1 / LONGEST_DAYS_BETWEEN_RUNS)
    refuse(
      `${pointer}/requestsPerDay`,
      'minimum',
      `Of a training job it counts the runs a day: at least one in ten years, 1/${LONGEST_DAYS_BETWEEN_RUNS}.`,
    );
}

const LONGEST_DAYS_BETWEEN_RUNS = 3650;

/** @throws RequestFaultError at the pointer for models the catalog does not know. */
export function isLanguage(snapshot: CatalogSnapshot, work: Work, pointer: string): boolean {
  if (work.function !== undefined) return false;
  if (work.model === undefined) return work.customLanguageModel !== undefined;
  const { architecture } = requireCheckpoint(snapshot, work.model, `${pointer}/model`);
  return architecture.kind === 'language';
}

function oneWork(work: Work, pointer: string): void {
  const given = (['model', 'customLanguageModel', 'customVisionModel', 'function'] as const).filter(
    (name) => work[name] !== undefined,
  );
  if (given.length === 0)
    refuse(
      `${pointer}/model`,
      'required',
      'Say what is to run: give one of model, customLanguageModel, customVisionModel or function.',
    );
  if (given.length > 1) refuse(`${pointer}/${given[1]}`, 'exclusive', `Give only one of ${given.join(' and ')}.`);
}
