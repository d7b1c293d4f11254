/**
 * Fits how node power follows the computing share of a step on metered MLPerf runs: least squares in log space, every constant
 * drawn towards its prior, coordinate descent. Writes src/domain/calibration/training-power.json.
 */
import { runPerTdpWatt, type TrainingDraw } from '../../src/domain/energy/training-draw.ts';
import { quantile } from '../../test/validation/table.ts';
import { type PowerCase, powerCases } from '../../test/validation/training/power-cases.ts';
import { writeJson } from './json-file.ts';

const file = new URL('../../src/domain/calibration/training-power.json', import.meta.url);

/**
 * computing: devices at TDP and a host of a quarter of it (8 x 700 W and 1.4 kW). waiting: devices at half of TDP in a collective,
 * the same host. airCooled: fans of 8-GPU servers take 10 to 20 % (makers' figures for liquid against air). All assumed.
 */
const PRIORS: Readonly<Record<keyof TrainingDraw, { readonly prior: number; readonly spread: number }>> = {
  computing: { prior: 1.25, spread: 0.15 },
  waiting: { prior: 0.75, spread: 0.25 },
  airCooled: { prior: 1.15, spread: 0.06 },
};
/** Spread of metered power around the formula in log space. */
const NOISE = 0.06;
const NAMES = Object.keys(PRIORS) as (keyof TrainingDraw)[];
const FIRST_STEP = 1.05;
const LAST_STEP = 1.0002;

export function fittedDraw(cases: readonly PowerCase[]): TrainingDraw {
  const values: Record<keyof TrainingDraw, number> = {
    computing: PRIORS.computing.prior,
    waiting: PRIORS.waiting.prior,
    airCooled: PRIORS.airCooled.prior,
  };
  let best = loss(cases, values);
  for (let step = FIRST_STEP; step >= LAST_STEP; ) {
    let moved = false;
    for (const name of NAMES) {
      const from = values[name];
      for (const factor of [step, 1 / step]) {
        values[name] = from * factor;
        const candidate = loss(cases, values);
        if (candidate < best - 1e-12) {
          best = candidate;
          moved = true;
          break;
        }
        values[name] = from;
      }
    }
    if (!moved) step = 1 + (step - 1) / 2;
  }
  const rounded = (name: keyof TrainingDraw) => Number(values[name].toPrecision(4));
  return { computing: rounded('computing'), waiting: rounded('waiting'), airCooled: rounded('airCooled') };
}

function loss(cases: readonly PowerCase[], draw: TrainingDraw): number {
  let total = 0;
  for (const entry of cases) {
    const predicted = runPerTdpWatt(entry.computingShare, entry.airCooled, entry.stepping, draw);
    total += (Math.log(predicted / entry.wattsPerTdpWatt) / NOISE) ** 2;
  }
  for (const name of NAMES) total += (Math.log(draw[name] / PRIORS[name].prior) / PRIORS[name].spread) ** 2;
  return total;
}

/** The busy watts of the catalog come from one-node and GPT-3 runs, the upper half: so do runs without a step model. */
export function meteredComputingShare(cases: readonly PowerCase[]): number {
  const shares = cases.map(({ computingShare }) => computingShare).sort((a, b) => a - b);
  return Number(quantile(shares, 0.75).toPrecision(3));
}

export function fitTrainingPower(): void {
  const cases = powerCases();
  const source =
    'MLPerf Training v4.0, v4.1 and v5.0 power logs: 8 x H100 and 8 x B200 nodes, one to 64 nodes; computing share from the step model over the measured time';
  writeJson(file, {
    source,
    constants: fittedDraw(cases),
    meteredComputingShare: meteredComputingShare(cases),
    cases: cases.length,
    priors: PRIORS,
  });
}
