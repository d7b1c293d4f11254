/**
 * Inference performance: does it fit, how fast is it, how does it behave under load, how many replicas does a load need.
 * Language models by a roofline with measured efficiencies and a queue; models that work by the sample from measured anchors.
 * Source of the methods: each file cites its own.
 */

export { candidateConfigurations, defaultEngine, defaultMaxSequences, preferredFormats } from './candidates.ts';
export * from './configuration.ts';
export { checkConfiguration, missingFigures } from './feasibility.ts';
export { bytesPerWeight, computePeak, runnableWeightFormats } from './formats.ts';
export { latencyUnderLoad, PROMISE_UTILIZATION } from './latency.ts';
export * from './lengths.ts';
export { servingMemory, weightBytesPerDevice } from './memory.ts';
export { closedLoop, saturation } from './operating-point.ts';
export { replicasFor } from './replicas.ts';
export * from './results.ts';
export {
  type SampleLoad,
  type SampleRates,
  type SampleReplicaPlan,
  sampleDevicesFor,
  sampleLatencyUnderLoad,
} from './sample-load.ts';
export {
  type SampleBasis,
  type SampleFormat,
  type SampleModel,
  type SampleRefusal,
  type SampleServing,
  sampleServing,
} from './sample-serving.ts';
export { StepModel, stepTime } from './step.ts';
export { type InferenceMetric, uncertainty } from './uncertainty.ts';
export { runnableVisionFormats, visionFactor, visionModel, visionServing } from './vision-serving.ts';
