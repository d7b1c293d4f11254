/** Training against inference over the years of a service: the whole answer to one lifecycle question. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { AssumptionLog } from '../economics/assumption.ts';
import type { LineItem } from '../economics/line-item.ts';
import type { MoneyFigure } from '../estimate/answer.ts';
import { CURRENCY, type Money, money, perUnit, sum, toNumber } from '../money.ts';
import type { FeasibleTraining } from '../training/estimate-result.ts';
import type { Band } from '../uncertainty/band.ts';
import { DAYS_PER_MONTH } from '../units.ts';
import { buildModel, type ModelLine } from './build-model.ts';
import { crossingDay, monthly, presentValue, sideOf, total } from './course-totals.ts';
import { DISCOUNT_PERCENT, DRAWS, HORIZON_MONTHS, SEED } from './defaults.ts';
import { type Demand, seasonOf } from './demand.ts';
import type {
  Crossing,
  FeasibleLifecycle,
  InfeasibleLifecycle,
  LeverReport,
  LifecycleEstimate,
} from './estimate-result.ts';
import { levers } from './levers.ts';
import { type CrossingBand, drawBands, isHardware } from './monte-carlo.ts';
import {
  crossingReport,
  drawsBasis,
  lineReports,
  monthReports,
  netPresentValue,
  partAssumptions,
  roundedCourse,
  sumByMonth,
  uniquePrices,
  widestBases,
  yearReports,
} from './reports.ts';
import type { LifecycleRequest } from './request.ts';
import { bestEstimate, ratesOf } from './scenarios.ts';
import { sensitivities } from './sensitivity.ts';
import type { ServingPhase } from './serving-phase.ts';
import { simulate } from './simulate.ts';
import {
  assumptionIn,
  checkRequest,
  type InfeasiblePart,
  isInfeasible,
  merged,
  relaxationIn,
  sentenceIn,
  servingPhases,
  trainingEstimate,
} from './sub-estimates.ts';
import { summaryOf } from './summary.ts';

/**
 * Pure: the same snapshot, request and time give the same answer; chance comes from the seed of the request.
 * @param at ISO timestamp; prices in force then are used, and change from then on as the request or its defaults say
 * @throws RequestFaultError where the request names something unknown or contradicts itself
 */
export function estimateLifecycle(snapshot: CatalogSnapshot, request: LifecycleRequest, at: string): LifecycleEstimate {
  const log = new AssumptionLog();
  const months = log.resolve(request.horizonMonths, HORIZON_MONTHS).value;
  const rollouts = checkRequest(request, months);
  const rates = ratesOf(request, log);
  const discountRate = log.resolve(request.discountRatePercent, DISCOUNT_PERCENT).value / 100;
  const launchOn = (request.launchOn ?? at).slice(0, 10);

  const trained =
    request.training === undefined ? null : trainingEstimate(snapshot, request, request.training, '/training', at);
  if (trained !== null && isInfeasible(trained)) return infeasible({ prefix: '/training', answer: trained }, log);
  const served = servingPhases(snapshot, request, rollouts, at);
  if (served.infeasible !== null) return infeasible(served.infeasible, log);
  const again = retrainingBill(snapshot, request, trained, at);
  if (again !== null && 'prefix' in again) return infeasible(again, log);

  const demand: Demand = {
    requestsPerDay: request.requestsPerDay,
    ceiling: request.growth?.maximumRequestsPerDay ?? Number.POSITIVE_INFINITY,
    season: seasonOf(request.growth?.seasonality, launchOn, months),
  };
  const first = served.phases[0] as ServingPhase;
  const parts = {
    months,
    demand,
    growth: 1 + rates.growth.value / 100,
    usdPerMonth: toNumber(first.estimate.costPerMonth.total.amount),
    training: trained,
    retraining: request.retraining ?? null,
    retrainingBill: again,
    phases: served.phases,
    rollouts,
    staff: request.staff ?? {},
  };
  const built = buildModel(parts, log);
  const best = bestEstimate(rates, built.table.factors);
  const course = simulate(built.model, best);
  const { draws = DRAWS, seed = SEED } = request.monteCarlo ?? {};
  const valuePerRequest = request.valueUsdPerRequest === undefined ? null : Number(request.valueUsdPerRequest);
  const bands = drawBands(built, rates, discountRate, draws, seed, valuePerRequest);
  const basis = drawsBasis(draws, seed);

  const rounded = roundedCourse(course);
  const lines = lineReports(built, rounded, bands, basis);
  const side = (name: 'training' | 'serving') => built.lines.map(({ part }) => sideOf(part) === name);
  const trainingByMonth = sumByMonth(rounded, side('training'));
  const servingByMonth = sumByMonth(rounded, side('serving'));
  const totalMoney = sum(
    lines.map(({ cost }) => cost.amount),
    CURRENCY,
  );
  const figure = (amount: Money, band: Band): MoneyFigure => ({ amount, band, basis: [basis, ...widestBases(built)] });
  const requests = total(course.requestsPerDay) * DAYS_PER_MONTH;
  const onSide = (name: string) => (line: ModelLine) => sideOf(line.part) === name;
  const crossing = (include: (line: ModelLine) => boolean, band: CrossingBand): Crossing | null =>
    trained === null
      ? null
      : crossingReport(
          crossingDay(
            monthly(course, built.lines, (line) => include(line) && onSide('training')(line)),
            monthly(course, built.lines, (line) => include(line) && onSide('serving')(line)),
          ),
          band,
          launchOn,
        );
  const spentByMonth = monthly(course, built.lines, () => true);
  const pv = presentValue(spentByMonth, discountRate);

  const feasible: Omit<FeasibleLifecycle, 'summary'> = {
    status: 'feasible',
    launchOn,
    horizonMonths: months,
    lines,
    total: figure(totalMoney, bands.total),
    training: figure(sum(trainingByMonth, CURRENCY), bands.training),
    serving: figure(sum(servingByMonth, CURRENCY), bands.serving),
    trainingShare: {
      ...bands.trainingShare,
      basis,
    },
    crossing: crossing(() => true, bands.crossing),
    hardwareCrossing: crossing(isHardware, bands.hardwareCrossing),
    presentValue: figure(money(pv, CURRENCY), bands.presentValue),
    netPresentValue: netPresentValue(valuePerRequest, course, pv, bands, discountRate, basis),
    discountRatePercent: discountRate * 100,
    requests,
    costPerRequest: {
      amount: perUnit(totalMoney, requests),
      band: bands.costPerRequest,
      basis: [basis],
    },
    months: monthReports(course, trainingByMonth, servingByMonth, bands, basis, launchOn),
    years: yearReports(course, trainingByMonth, servingByMonth),
    phases: served.phases.map(({ name, fromMonth, estimate, termMonths }) => ({
      name,
      fromMonth,
      summary: estimate.summary,
      deviceId: estimate.deployment.deviceId,
      weightFormat: estimate.deployment.weightFormat,
      usdPerMonth: estimate.costPerMonth.total.amount,
      termMonths,
    })),
    trainingSummary: trained?.summary ?? null,
    sensitivities: sensitivities(built, rates).map(({ usdAtLow, usdAtHigh, ...one }) => ({
      ...one,
      totalAtLow: money(usdAtLow, CURRENCY),
      totalAtHigh: money(usdAtHigh, CURRENCY),
      swing: money(Math.abs(usdAtHigh - usdAtLow), CURRENCY),
    })),
    levers: leverReports(),
    monteCarlo: { draws, seed },
    assumptions: [
      ...log.list(),
      ...partAssumptions(
        trained,
        served.phases.map(({ estimate }) => estimate.assumptions),
      ),
    ],
    prices: uniquePrices([...(trained?.prices ?? []), ...served.phases.flatMap(({ estimate }) => estimate.prices)]),
  };
  return { ...feasible, summary: summaryOf(feasible) };

  function leverReports(): LeverReport[] {
    return levers(snapshot, request, rollouts, served.phases, at)
      .map(({ phases, retraining, ...change }): LeverReport => {
        const model = buildModel({ ...parts, phases, retraining }, new AssumptionLog());
        const usd = simulate(model.model, bestEstimate(rates, model.table.factors)).lines.reduce(
          (all, line) => all + total(line),
          0,
        );
        const whole = toNumber(totalMoney);
        const saving = whole - usd;
        return {
          ...change,
          total: money(usd, CURRENCY),
          saving: money(saving, CURRENCY),
          // hardware that costs nothing saves nothing
          savingPercent: whole > 0 ? (100 * saving) / whole : 0,
        };
      })
      .sort((a, b) => toNumber(b.saving) - toNumber(a.saving) || (a.id < b.id ? -1 : 1));
  }
}

/** The bill of one more training: the first without its experiments, or the one described. */
function retrainingBill(
  snapshot: CatalogSnapshot,
  request: LifecycleRequest,
  training: FeasibleTraining | null,
  at: string,
): readonly LineItem[] | InfeasiblePart | null {
  const { retraining, training: first } = request;
  if (retraining === undefined || training === null || first === undefined) return null;
  const known = ({ category }: LineItem) => category !== 'experiments';
  if (retraining.training === undefined) return training.cost.lineItems.filter(known);
  const prefix = '/retraining/training';
  const answer = trainingEstimate(snapshot, request, merged(first, retraining.training), prefix, at);
  if (isInfeasible(answer)) return { prefix, answer };
  return retraining.training.run?.experimentsMultiple === undefined
    ? answer.cost.lineItems.filter(known)
    : answer.cost.lineItems;
}

const infeasible = ({ prefix, answer }: InfeasiblePart, log: AssumptionLog): InfeasibleLifecycle => ({
  status: 'infeasible',
  part: prefix,
  summary: sentenceIn(prefix, answer.summary),
  reasons: answer.reasons.map((reason) => ({ ...reason, detail: sentenceIn(prefix, reason.detail) })),
  relaxation: relaxationIn(prefix, answer.relaxation),
  assumptions: [...log.list(), ...answer.assumptions.map((assumption) => assumptionIn(prefix, assumption))],
  prices: [],
});
