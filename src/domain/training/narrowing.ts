/** Which inputs the caller could give to narrow the bands of the hours and of the bill. */
import type { Assumption } from '../economics/assumption.ts';
import type { CostBreakdown } from '../estimate/answer.ts';
import { significant } from '../estimate/words.ts';
import type { UncertainFactor } from '../uncertainty/band.ts';
import { type Narrowing, narrowings, type OpenInput } from '../uncertainty/narrowing.ts';
import { sumBand } from '../uncertainty/propagation.ts';
import type { RunPlan } from './run/plan.ts';
import { trainingUncertainty } from './uncertainty.ts';

export interface NarrowingReport {
  /** Of `run.deviceHours` and `run.wallClockDays`, most first. */
  readonly deviceHours: readonly Narrowing[];
  /** Of `cost.total`. */
  readonly totalCost: readonly Narrowing[];
}

const SHOWN = 3;
const STAGE_FACTOR_FIELD = '/run/stageFactor';

interface NarrowingQuestion {
  readonly hoursFactors: readonly UncertainFactor[];
  readonly cost: CostBreakdown;
  readonly assumptions: readonly Assumption[];
  readonly owned: boolean;
  /** Null for work counted in samples, since no input makes its efficiency surer. */
  readonly plan: Pick<RunPlan, 'workload' | 'cluster' | 'known'> | null;
}

export function narrowingReport(question: NarrowingQuestion): NarrowingReport {
  const { cost, hoursFactors } = question;
  const inputs = openInputs(question);
  const hours = [{ amount: 1, factors: hoursFactors }];
  const lines = cost.lineItems.flatMap(({ components }) => components);
  return {
    deviceHours: narrowings(hours, sumBand(hours), inputs).slice(0, SHOWN),
    totalCost: narrowings(lines, cost.total.band, inputs).slice(0, SHOWN),
  };
}

const openInputs = (question: NarrowingQuestion): readonly OpenInput[] => [
  ...question.assumptions.filter(({ range }) => range !== null).map((assumption) => ofAssumption(assumption, question)),
  ...layoutInput(question),
  priceInput(question.owned),
];

function ofAssumption(assumption: Assumption, question: NarrowingQuestion): OpenInput {
  const { id, field, value, unit, range, reason } = assumption;
  const among = range === null ? '' : ` (${significant(range.low)} to ${significant(range.high)})`;
  const remains = field === STAGE_FACTOR_FIELD ? stepBehindStages(question) : [];
  return {
    field,
    assumptionId: id,
    reason: `Assumed: ${typeof value === 'number' ? significant(value) : value}${among} ${unit ?? ''}. ${reason}.`,
    remainder: (factor) => (factor.basis.id === id ? remains : null),
  };
}

/** The spread of whole runs of dense models holds that of their steps, which remains where the stages are settled. */
function stepBehindStages({ plan, hoursFactors }: NarrowingQuestion): readonly UncertainFactor[] {
  if (plan === null) return [];
  const step = trainingUncertainty(plan.workload, plan.cluster, plan.known, 'step_time');
  return hoursFactors.some(({ basis }) => basis.id === step.basis.id) ? [] : [step];
}

function layoutInput({ plan }: NarrowingQuestion): readonly OpenInput[] {
  if (plan === null || plan.known.layoutGiven) return [];
  const { workload, cluster, known } = plan;
  const chosen = trainingUncertainty(workload, cluster, known, 'step_time');
  const given = trainingUncertainty(workload, cluster, { ...known, layoutGiven: true }, 'step_time');
  if (given === chosen) return [];
  const after = { ...given, p10: given.p10 / chosen.p50, p50: given.p50 / chosen.p50, p90: given.p90 / chosen.p50 };
  return [
    {
      field: '/layout',
      assumptionId: null,
      reason:
        'The layout was chosen by the search; runs whose tensorParallel and pipelineParallel are known were predicted more closely.',
      remainder: (factor) => (factor.basis.id === chosen.basis.id ? [after] : null),
    },
  ];
}

const priceInput = (owned: boolean): OpenInput => ({
  field: owned ? '/purchase/owned/purchasePricePerDevice' : '/purchase/usdPerDeviceHour',
  assumptionId: null,
  reason: owned
    ? 'Purchase prices of accelerators are street prices; state the one you were quoted, and serverMultiplier 1 where it is of whole servers.'
    : 'What is paid may differ from the price in the catalog; state the rate you were quoted.',
  remainder: ({ basis }) => (basis.id.startsWith('price/') ? [] : null),
});
