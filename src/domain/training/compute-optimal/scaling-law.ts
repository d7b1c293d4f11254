/**
 * Loss of a model of N parameters trained on D tokens, L = E + A / N^alpha + B / D^beta, and what follows from it for a
 * budget of C = 6 N D FLOPs. N counts all parameters, embeddings included; loss is in nats per token of the corpus the law was
 * fitted on (MassiveText): good for comparing sizes, no forecast for another corpus.
 */
import { sourcedFactor, type UncertainFactor } from '../../uncertainty/band.ts';

export type ScalingLawId = 'besiroglu_2024' | 'hoffmann_2022';

export interface ScalingLaw {
  readonly id: ScalingLawId;
  readonly irreducible: number;
  readonly parametersCoefficient: number;
  readonly tokensCoefficient: number;
  readonly parametersExponent: number;
  readonly tokensExponent: number;
  readonly source: string;
}

export const SCALING_LAWS: Readonly<Record<ScalingLawId, ScalingLaw>> = {
  besiroglu_2024: {
    id: 'besiroglu_2024',
    irreducible: 1.8172,
    parametersCoefficient: 482.01,
    tokensCoefficient: 2085.43,
    parametersExponent: 0.3478,
    tokensExponent: 0.3658,
    source: 'Besiroglu et al. 2024 (arXiv 2404.10102), re-fit of approach 3 of Hoffmann et al. on 240 of their runs',
  },
  hoffmann_2022: {
    id: 'hoffmann_2022',
    irreducible: 1.6934,
    parametersCoefficient: 406.4,
    tokensCoefficient: 410.7,
    parametersExponent: 0.3392,
    tokensExponent: 0.2849,
    source:
      'Hoffmann et al. 2022 (arXiv 2203.15556), approach 3, exponents before rounding as given by Besiroglu et al. (arXiv 2404.10102)',
  },
};

const TRAINING_FLOPS_PER_PARAMETER_AND_TOKEN = 6;
export const INFERENCE_FLOPS_PER_PARAMETER_AND_TOKEN = 2;

export interface Allocation {
  readonly parameters: number;
  readonly tokens: number;
}

export const expectedLoss = (law: ScalingLaw, { parameters, tokens }: Allocation): number =>
  law.irreducible +
  law.parametersCoefficient / parameters ** law.parametersExponent +
  law.tokensCoefficient / tokens ** law.tokensExponent;

export const trainingFlopsOf = ({ parameters, tokens }: Allocation): number =>
  TRAINING_FLOPS_PER_PARAMETER_AND_TOKEN * parameters * tokens;

/**
 * Least loss for C FLOPs: N = G (C/6)^a, D = (C/6)^b / G with a = beta / (alpha + beta), b = 1 - a and
 * G = (alpha A / (beta B))^(1 / (alpha + beta)) (Hoffmann et al. 2022, equation 4).
 */
export function computeOptimal(law: ScalingLaw, flops: number): Allocation {
  if (!(flops > 0 && Number.isFinite(flops))) throw new RangeError(`FLOPs must be positive, not ${flops}.`);
  const sum = law.parametersExponent + law.tokensExponent;
  const ratio = (law.parametersExponent * law.parametersCoefficient) / (law.tokensExponent * law.tokensCoefficient);
  const product = flops / TRAINING_FLOPS_PER_PARAMETER_AND_TOKEN;
  const parameters = ratio ** (1 / sum) * product ** (law.tokensExponent / sum);
  return { parameters, tokens: product / parameters };
}

/** Tokens at which a model of this size reaches the loss; null where no number of tokens does. */
export function tokensForLoss(law: ScalingLaw, parameters: number, loss: number): number | null {
  const left = loss - law.irreducible - law.parametersCoefficient / parameters ** law.parametersExponent;
  return left > 0 ? (law.tokensCoefficient / left) ** (1 / law.tokensExponent) : null;
}

export const lifetimeFlops = (allocation: Allocation, inferenceTokens: number): number =>
  trainingFlopsOf(allocation) + INFERENCE_FLOPS_PER_PARAMETER_AND_TOKEN * allocation.parameters * inferenceTokens;

/** Smaller than this part of the compute-optimal size no loss of its is reached within reason. */
const SMALLEST_SHARE = 1e-3;
const SEARCH_STEPS = 200;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The size that reaches the loss for fewest FLOPs over its life, training 6 N D and inference 2 N T (Sardana et al. 2024,
 * arXiv 2401.00448, equation 2). Golden section in log N: lifetime FLOPs fall and then rise with N.
 * @param inferenceTokens read and written over the whole life, at least 0
 */
export function inferenceOptimal(law: ScalingLaw, optimum: Allocation, inferenceTokens: number): Allocation {
  const loss = expectedLoss(law, optimum);
  const at = (logN: number): number => {
    const parameters = Math.exp(logN);
    const tokens = tokensForLoss(law, parameters, loss);
    return tokens === null ? Number.POSITIVE_INFINITY : lifetimeFlops({ parameters, tokens }, inferenceTokens);
  };
  let low = Math.log(optimum.parameters * SMALLEST_SHARE);
  let high = Math.log(optimum.parameters);
  for (let step = 0; step < SEARCH_STEPS && high - low > 1e-9; step++) {
    const left = high - GOLDEN * (high - low);
    const right = low + GOLDEN * (high - low);
    // where both are out of reach the answer is larger
    if (at(left) < at(right)) high = right;
    else low = left;
  }
  const parameters = Math.exp((low + high) / 2);
  return { parameters, tokens: tokensForLoss(law, parameters, loss) ?? optimum.tokens };
}

/** Runs of the fit span about 1e19 to 1e22 FLOPs (Hoffmann et al. 2022, figure 2); beyond, the exponent's error grows with the distance. */
const FITTED_FLOPS = 1e21;
/** Standard error of a = beta / (alpha + beta) in the re-fit, 0.5126 (arXiv 2404.10102, table 2). */
const EXPONENT_ERROR = 0.02;
const NEAREST_SPREAD = 1.05;
/** One in ten is beyond 1.2816 standard errors. */
const DECILE = 1.2816;
/** Standard error of E in the re-fit. */
const IRREDUCIBLE_ERROR = 0.03;

/** Spread of the optimal size at this budget; that of the tokens is the inverse. */
export function sizeFactor(law: ScalingLaw, flops: number): UncertainFactor {
  const distance = Math.abs(Math.log(flops / FITTED_FLOPS));
  const spread = Math.max(NEAREST_SPREAD, Math.exp(DECILE * EXPONENT_ERROR * distance));
  return sourcedFactor(
    `training/compute_optimal/size/${law.id}`,
    1 / spread,
    spread,
    'standard error of the exponent in the re-fit (arXiv 2404.10102, table 2), grown with the distance from the fitted runs; the two published laws differ by more',
  );
}

export function lossFactor(law: ScalingLaw, loss: number): UncertainFactor {
  const spread = DECILE * IRREDUCIBLE_ERROR;
  return sourcedFactor(
    `training/compute_optimal/loss/${law.id}`,
    1 - spread / loss,
    1 + spread / loss,
    'standard error of the irreducible loss in the re-fit (arXiv 2404.10102, table 1); on another corpus the whole curve moves',
  );
}
