/**
 * Which measurement speaks for a model: the same network, at the size, length or number of steps that is asked for or at another.
 * Times at another size go with its work as they do for all models of the cohort (exponents.ts).
 */
import type { Growth, SampleAnchor, SampleSubject } from './anchors.ts';
import { SAMPLE_BYTES, type SampleFormat, type SampleModel } from './serving.ts';

/** FLOPs and parameters of one architecture as two sources count them stay this close, in logarithms. */
const SAME_MODEL = 0.11;
/** Anchors keep six digits. */
const SAME_WORK = 1e-5;

const apart = (a: number, b: number): number => Math.abs(Math.log(a / b));

const workApart = (anchor: SampleAnchor, model: SampleModel): number =>
  apart(anchor.flopsPerSample, model.flopsPerSample);

export const isSameSize = (anchor: SampleAnchor, model: SampleModel): boolean => workApart(anchor, model) < SAME_WORK;

/** Whether times differ by more than two counts of the same work do. */
export const isResized = ({ throughput, latency }: Growth): boolean =>
  Math.max(apart(throughput, 1), apart(latency, 1)) > SAME_MODEL;

/** What tells sizes of one network apart from other networks: parameters, and for tables of embeddings the look-ups. */
function isSameNetwork(anchor: SampleAnchor, model: SampleModel): boolean {
  if (apart(anchor.parametersTotal, model.parametersTotal) > SAME_MODEL) return false;
  if (model.cohort !== 'recommendation') return true;
  const values = valuesOf(anchor);
  return (
    values === null || apart(values / anchor.flopsPerSample, model.valuesPerSample / model.flopsPerSample) <= SAME_MODEL
  );
}

const valuesOf = ({ bytesPerSample, format }: SampleAnchor): number | null =>
  bytesPerSample === undefined ? null : bytesPerSample / SAMPLE_BYTES[format as SampleFormat];

/** The work that was measured, in another format. */
export function workOf(anchor: SampleAnchor, format: SampleFormat) {
  const values = valuesOf(anchor);
  return {
    flopsPerSample: anchor.flopsPerSample,
    ...(anchor.inputPixels !== undefined && { inputPixels: anchor.inputPixels }),
    ...(values !== null && { bytesPerSample: values * SAMPLE_BYTES[format] }),
  };
}

/** Networks that read images: the measured one with these parameters and this arithmetic; null where there is none. */
export function measuredNetwork(model: SampleModel, anchors: readonly SampleAnchor[]): SampleAnchor | null {
  let best: SampleAnchor | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const anchor of anchors) {
    const parameters = apart(anchor.parametersTotal, model.parametersTotal);
    const flops = workApart(anchor, model);
    if (flops <= SAME_MODEL && parameters <= SAME_MODEL && flops + parameters < least) {
      best = anchor;
      least = flops + parameters;
    }
  }
  return best;
}

/**
 * The measured size of a network that says most about another: one of the device itself, in the format if there is one, then one of
 * its class, then the one that most devices were measured at. Among these, the nearest.
 */
export function measuredSize(
  model: SampleModel,
  { deviceId, kernelClass, format }: Pick<SampleSubject, 'deviceId' | 'kernelClass' | 'format'>,
  anchors: readonly SampleAnchor[],
): SampleAnchor | null {
  const sizes = anchors.filter((anchor) => isSameNetwork(anchor, model));
  const counts = Map.groupBy(sizes, (anchor) => anchor.model);
  const closeness = (anchor: SampleAnchor): number => {
    if (anchor.deviceId === deviceId) return sameFormat(anchor.format, format) ? 0 : 1;
    return anchor.kernelClass === kernelClass ? 2 : 3 + 1 / (counts.get(anchor.model)?.length ?? 1);
  };
  let best: SampleAnchor | null = null;
  for (const anchor of sizes) {
    const order = best === null ? -1 : closeness(anchor) - closeness(best);
    if (best === null || order < 0 || (order === 0 && workApart(anchor, model) < workApart(best, model))) best = anchor;
  }
  return best;
}

export const sameFormat = (a: string, b: string): boolean =>
  a === b || ((a === 'fp16' || a === 'bf16') && (b === 'fp16' || b === 'bf16'));
