/** The formulas of training: FLOPs, memory, time of a step, layout, hours of the whole run. */

export { checkWorkload } from './check-workload.ts';
export * from './cluster.ts';
export * from './defaults.ts';
export { checkLayout } from './layout/check-layout.ts';
export { searchingLayout, searchLayout } from './layout/search-layout.ts';
export * from './results.ts';
export * from './run/goodput.ts';
export * from './run/whole-run.ts';
export { visionTraining } from './sample/vision.ts';
export { trainableParameters, trainingFlops } from './step/flops.ts';
export { achievableMatmulFlops, generationOf } from './step/generation.ts';
export { trainingMemory } from './step/memory.ts';
export { leastDeviceSecondsPerToken, stepTime } from './step/step-time.ts';
export { checkpointBytes, trainingStorage } from './step/storage.ts';
export { trainingUncertainty } from './uncertainty.ts';
export * from './workload.ts';
