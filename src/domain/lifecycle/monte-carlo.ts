/** Bands by simulating many courses: totals, cumulative series and the day serving overtakes training. */
import type { Band } from '../uncertainty/band.ts';
import { bandOfValues } from '../uncertainty/selection.ts';
import { DAYS_PER_MONTH } from '../units.ts';
import type { BuiltModel, ModelLine } from './build-model.ts';
import { crossingDay, cumulative, monthly, presentValue, sideOf, total, worthOf } from './course-totals.ts';
import { type Rates, scenarioDraws } from './scenarios.ts';
import { emptyCourse, simulate } from './simulate.ts';

/** What one number of draws says: the share of draws in which it happens, and when. */
export interface CrossingBand {
  readonly probability: number;
  /** Null where it happens in too few draws to say: a quantile counts draws without a crossing as never. */
  readonly p10: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
}

export interface DrawnBands {
  readonly lines: readonly Band[];
  readonly total: Band;
  readonly training: Band;
  readonly serving: Band;
  readonly trainingShare: Band;
  readonly presentValue: Band;
  /** Null without a value per request. */
  readonly netPresentValue: Band | null;
  readonly costPerRequest: Band;
  /** By month, index 0 before the launch. */
  readonly cumulativeTraining: readonly Band[];
  readonly cumulativeServing: readonly Band[];
  readonly cumulativeTotal: readonly Band[];
  readonly servingOfMonth: readonly Band[];
  readonly crossing: CrossingBand;
  readonly hardwareCrossing: CrossingBand;
}

/** Compute, power, room, network and storage, without people and data. */
export const isHardware = ({ category }: ModelLine): boolean =>
  category !== 'people' && category !== 'data' && category !== 'waiting';

export function drawBands(
  { model, lines, table }: BuiltModel,
  rates: Rates,
  discountRate: number,
  draws: number,
  seed: number,
  valuePerRequest: number | null,
): DrawnBands {
  const months = model.months + 1;
  const series = () => Array.from({ length: months }, () => new Float64Array(draws));
  const scalars = () => new Float64Array(draws);
  const byLine = lines.map(scalars);
  const totals = scalars();
  const trainings = scalars();
  const servings = scalars();
  const shares = scalars();
  const values = scalars();
  const netValues = scalars();
  const unitCosts = scalars();
  const trained = series();
  const served = series();
  const spent = series();
  const servedMonth = series();
  const crossings = scalars();
  const hardwareCrossings = scalars();

  const course = emptyCourse(model);
  const onSide = (side: string) => (line: ModelLine) => sideOf(line.part) === side;
  let draw = 0;
  for (const scenario of scenarioDraws(rates, table.factors, draws, seed)) {
    simulate(model, scenario, course);
    for (const [index, line] of course.lines.entries()) (byLine[index] as Float64Array)[draw] = total(line);
    const training = monthly(course, lines, onSide('training'));
    const serving = monthly(course, lines, onSide('serving'));
    const all = training.map((value, month) => value + (serving[month] as number));
    const cumulativeTraining = cumulative(training);
    const cumulativeServing = cumulative(serving);
    for (let month = 0; month < months; month++) {
      const trainedBy = cumulativeTraining[month] as number;
      const servedBy = cumulativeServing[month] as number;
      (trained[month] as Float64Array)[draw] = trainedBy;
      (served[month] as Float64Array)[draw] = servedBy;
      (spent[month] as Float64Array)[draw] = trainedBy + servedBy;
      (servedMonth[month] as Float64Array)[draw] = serving[month] as number;
    }
    const trainedTotal = cumulativeTraining.at(-1) as number;
    const servedTotal = cumulativeServing.at(-1) as number;
    trainings[draw] = trainedTotal;
    servings[draw] = servedTotal;
    const both = trainedTotal + servedTotal;
    totals[draw] = both;
    shares[draw] = both > 0 ? trainedTotal / both : 0;
    values[draw] = presentValue(all, discountRate);
    if (valuePerRequest !== null) {
      netValues[draw] = worthOf(course, valuePerRequest, discountRate) - (values[draw] as number);
    }
    unitCosts[draw] = both / (total(course.requestsPerDay) * DAYS_PER_MONTH);
    crossings[draw] = crossingDay(training, serving) ?? Number.POSITIVE_INFINITY;
    hardwareCrossings[draw] =
      crossingDay(
        monthly(course, lines, (line) => isHardware(line) && sideOf(line.part) === 'training'),
        monthly(course, lines, (line) => isHardware(line) && sideOf(line.part) === 'serving'),
      ) ?? Number.POSITIVE_INFINITY;
    draw++;
  }
  return {
    lines: byLine.map(bandOfValues),
    total: bandOfValues(totals),
    training: bandOfValues(trainings),
    serving: bandOfValues(servings),
    trainingShare: bandOfValues(shares),
    presentValue: bandOfValues(values),
    netPresentValue: valuePerRequest === null ? null : bandOfValues(netValues),
    costPerRequest: bandOfValues(unitCosts),
    cumulativeTraining: trained.map(bandOfValues),
    cumulativeServing: served.map(bandOfValues),
    cumulativeTotal: spent.map(bandOfValues),
    servingOfMonth: servedMonth.map(bandOfValues),
    crossing: crossingBand(crossings),
    hardwareCrossing: crossingBand(hardwareCrossings),
  };
}

function crossingBand(days: Float64Array): CrossingBand {
  const sorted = days.toSorted();
  const finite = sorted.filter((day) => Number.isFinite(day)).length;
  const at = (probability: number): number | null => {
    const day = sorted[Math.round((sorted.length - 1) * probability)] as number;
    return Number.isFinite(day) ? day : null;
  };
  return { probability: finite / sorted.length, p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}
