/**
 * Training performance: FLOPs, does it fit, how fast is a step, which layout, how long is the whole run with failures.
 * Pure formulas with constants fitted on published measurements (calibration/training-constants.json).
 */
export { checkLayout, checkWorkload } from './check-layout.ts';
export * from './cluster.ts';
export * from './defaults.ts';
export { trainableParameters, trainingFlops } from './flops.ts';
export { achievableMatmulFlops, generationOf } from './generation.ts';
export * from './goodput.ts';
export { trainingMemory } from './memory.ts';
export * from './results.ts';
export { searchLayout } from './search-layout.ts';
export { leastDeviceSecondsPerToken, stepTime } from './step-time.ts';
export { checkpointBytes, trainingStorage } from './storage.ts';
export { trainingUncertainty } from './uncertainty.ts';
export { visionTraining } from './vision.ts';
export * from './whole-run.ts';
export * from './workload.ts';
