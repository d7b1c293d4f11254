/**
 * npm run fit: regenerates every fitted constant from the measured cases of the project, byte for byte.
 *
 * A fit reads the constants of those before it when its modules load, so each runs in a process of its own, after them: one
 * run leaves what another would. `npm run fit -- inference decode` runs the named ones alone.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const FITS: Readonly<Record<string, () => Promise<() => void>>> = {
  inference: async () => (await import('./fit/inference.ts')).fitInference,
  decode: async () => (await import('./fit/decode.ts')).fitDecode,
  deployments: async () => (await import('./fit/deployments.ts')).fitDeployments,
  drafting: async () => (await import('./fit/drafting.ts')).fitDrafting,
  vision: async () => (await import('./fit/vision.ts')).fitVision,
  samples: async () => (await import('./fit/samples.ts')).fitSamples,
  training: async () => (await import('./fit/training.ts')).fitTraining,
  'training-vision': async () => (await import('./fit/training-vision.ts')).fitTrainingVision,
  'training-samples': async () => (await import('./fit/training-samples.ts')).fitTrainingSamples,
  'training-power': async () => (await import('./fit/training-power.ts')).fitTrainingPower,
  'round-trips': async () => (await import('./fit/round-trips.ts')).fitRoundTrips,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in FITS));
if (unknown.length > 0) throw new Error(`No fit ${unknown.join(', ')}; there are ${Object.keys(FITS).join(', ')}.`);

const [only] = asked;
if (asked.length === 1 && only !== undefined) {
  const run = await FITS[only]?.();
  run?.();
} else {
  for (const name of Object.keys(FITS)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const { status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name], { stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  }
}
