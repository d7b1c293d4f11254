/** How far measurements of one deployment scatter around its own level: what a caller's own points are worth. */
import { readFileSync } from 'node:fs';
import { INFERENCE_CONSTANTS } from '../../src/domain/inference/step/efficiency.ts';
import { closedLoopCases } from '../../test/validation/inference/cases.ts';
import { type BurstArtefacts, predictClosedLoop } from '../../test/validation/inference/predictions.ts';
import { quantile } from '../../test/validation/table.ts';
import { writeJson } from './json-file.ts';

const spreadFile = new URL('../../src/domain/calibration/deployment-spread.json', import.meta.url);
const heldOutFile = new URL('../../test/validation/inference/held-out.json', import.meta.url);

/** Fewer points of a deployment say nothing about their scatter. */
const LEAST_POINTS = 4;
/** Between the 10th and 90th percentile of a normal distribution, standard deviations. */
const BAND_SIGMAS = 2.5631;

const METRICS = ['ttft', 'tpot', 'throughput'] as const;
type Metric = (typeof METRICS)[number];
type Logs = Record<Metric, number[]>;

export function fitDeployments(): void {
  const { artefacts } = JSON.parse(readFileSync(heldOutFile, 'utf8')) as { artefacts: BurstArtefacts };
  const deployments = new Map<string, { readonly kind: 'dense' | 'moe'; readonly logs: Logs }>();
  for (const entry of closedLoopCases()) {
    const { engine, weightFormat, tensorParallel, expertParallel, attentionDataParallel, model } = entry.configuration;
    const shape = [entry.group, engine, weightFormat, tensorParallel, expertParallel, attentionDataParallel].join(' ');
    const known = deployments.get(shape);
    const logs = known?.logs ?? { ttft: [], tpot: [], throughput: [] };
    if (!known) deployments.set(shape, { kind: model.mixtureOfExperts ? 'moe' : 'dense', logs });
    const predicted = predictClosedLoop(entry, INFERENCE_CONSTANTS, artefacts);
    const whole = (time: { ttftSeconds: number; tpotSeconds: number }) =>
      time.ttftSeconds + (entry.outputTokens - 1) * time.tpotSeconds;
    logs.ttft.push(Math.log(entry.ttftSeconds / predicted.ttftSeconds));
    logs.tpot.push(Math.log(entry.tpotSeconds / predicted.tpotSeconds));
    logs.throughput.push(Math.log(whole(predicted) / whole(entry)));
  }
  const spread = Object.fromEntries(
    (['dense', 'moe'] as const).map((kind) => [
      kind,
      Object.fromEntries(
        METRICS.map((metric) => [
          metric,
          scatter([...deployments.values()].filter((one) => one.kind === kind).map(({ logs }) => logs[metric])),
        ]),
      ),
    ]),
  );
  writeJson(spreadFile, spread);
}

/** Standard deviation within deployments, from the 10th to the 90th percentile of their deviations. */
function scatter(deployments: readonly (readonly number[])[]) {
  const many = deployments.map((logs) => logs.filter(Number.isFinite)).filter((logs) => logs.length >= LEAST_POINTS);
  const deviations = many.flatMap((logs) => {
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    // the mean of few points follows them
    const correction = Math.sqrt(logs.length / (logs.length - 1));
    return logs.map((value) => (value - mean) * correction);
  });
  const sorted = deviations.toSorted((a, b) => a - b);
  const sigma = (quantile(sorted, 0.9) - quantile(sorted, 0.1)) / BAND_SIGMAS;
  return { deployments: many.length, cases: deviations.length, sigma: Number(sigma.toPrecision(3)) };
}
