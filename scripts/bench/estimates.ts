/**
 * `npm run bench`: how fast the estimates are, alone and over HTTP. Over HTTP only ratios within one interleaved run mean
 * anything: ours against a bare Fastify route with the same schemas that answers from memory, and against raw node:http.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';
import Fastify from 'fastify';
import pg from 'pg';
import pino from 'pino';
import { buildApp } from '../../src/app.ts';
import { fixedCatalog } from '../../src/catalog/holder.ts';
import { loadSeed } from '../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';
import { createDatabase } from '../../src/db/pool.ts';
import { defaultHttpSettings } from '../../src/dependencies.ts';
import { estimateInference } from '../../src/domain/inference/estimate.ts';
import { estimateLifecycle } from '../../src/domain/lifecycle/estimate.ts';
import { estimateTraining } from '../../src/domain/training/estimate.ts';
import { Compilations } from '../../src/http/plugins/compilations.ts';
import { schemaController } from '../../src/http/plugins/validation.ts';
import { components, ref } from '../../src/http/schemas/component.ts';
import { InferenceEstimateRequestSchema } from '../../src/http/schemas/estimates/inference/request.ts';
import { InferenceEstimateSchema } from '../../src/http/schemas/estimates/inference/response.ts';
import { TrainingEstimateRequestSchema } from '../../src/http/schemas/estimates/training/request.ts';
import { TrainingEstimateSchema } from '../../src/http/schemas/estimates/training/response.ts';
import { json } from '../../src/http/schemas/responses.ts';
import { createSolver, defaultSolverSettings } from '../../src/solver/solver.ts';
import { placementBench } from './placements.ts';

const snapshot = snapshotFromSeed(loadSeed());
const AT = '2026-11-24T00:00:00.000Z';
const inferenceRequest = {
  model: 'meta-llama/Llama-3.1-70B',
  requestsPerDay: 1_000_000,
  device: 'nvidia-h100-sxm5-80gb',
};
const trainingRequest = { model: 'meta-llama/Llama-3.1-8B', tokens: 15e12, device: 'nvidia-h100-sxm5-80gb' };

const lifecycleRequest = {
  model: 'meta-llama/Llama-3.1-8B',
  requestsPerDay: 10_000_000,
  training: { tokens: 15e12, device: 'nvidia-h100-sxm5-80gb', cluster: { devices: 1024 } },
  inference: { device: 'nvidia-h100-sxm5-80gb' },
  horizonMonths: 120,
  growth: { percentPerYear: 30, lowPercentPerYear: 0, highPercentPerYear: 80 },
  retraining: { everyMonths: 12 },
};
const thousandDraws = { ...lifecycleRequest, monteCarlo: { draws: 1000 } };

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

/** Median milliseconds of a call, warmed up. */
function millisecondsOf(call: () => unknown, calls: number): number {
  for (let i = 0; i < Math.min(calls, 20); i++) call();
  const times: number[] = [];
  for (let i = 0; i < calls; i++) {
    const start = performance.now();
    call();
    times.push(performance.now() - start);
  }
  return median(times);
}

const cluster16384 = {
  model: 'meta-llama/Llama-3.1-405B',
  tokens: 15.6e12,
  device: 'nvidia-h100-sxm5-80gb',
  cluster: { devices: 16_384 },
};
const layout16384 = {
  ...cluster16384,
  layout: {
    tensorParallel: 8,
    pipelineParallel: 16,
    contextParallel: 1,
    virtualStages: 2,
    microBatchSequences: 1,
    sharding: 'zero1' as const,
    recompute: 'selective' as const,
    schedule: 'interleaved' as const,
  },
};
/** With what the answer works out only where it is shown: what limits the run, and what would narrow its bands. */
const trained = (catalog: typeof snapshot, request: Parameters<typeof estimateTraining>[1]) => {
  const answer = estimateTraining(catalog, request, AT);
  if (answer.status === 'infeasible') throw new Error(answer.summary);
  return [answer.bindingConstraint, answer.narrowing];
};
const { device: _device, ...inferenceAnywhere } = inferenceRequest;
const { device: _trainingDevice, ...trainingAnywhere } = trainingRequest;
/** Searches of layouts and setups of devices are remembered by model: copies of the models are new ones. */
const unasked = (): typeof snapshot => ({
  ...snapshot,
  model: (id) => {
    const model = snapshot.model(id);
    return model === undefined ? model : { ...model, architecture: { ...model.architecture } };
  },
});
let prompt = 500;
const otherLengths = () => {
  prompt += 1;
  return { ...inferenceAnywhere, promptTokens: { mean: prompt } };
};
console.log('Domain alone, median of warm calls, one core:');
for (const [name, call, calls] of [
  ['inference, device named', () => estimateInference(snapshot, inferenceRequest, AT), 400],
  ['inference, every device compared', () => estimateInference(snapshot, inferenceAnywhere, AT), 400],
  ['the same for lengths that were not asked before', () => estimateInference(snapshot, otherLengths(), AT), 400],
  ['training on 16,384 devices, layout given', () => trained(snapshot, layout16384), 400],
  ['training on 16,384 devices, layout searched anew', () => trained(unasked(), cluster16384), 40],
  ['training, device named, layout and cluster searched', () => trained(snapshot, trainingRequest), 40],
  ['training, every device compared', () => trained(snapshot, trainingAnywhere), 15],
  ['the same for a model that was not asked before', () => trained(unasked(), trainingAnywhere), 15],
  ['lifecycle, ten years, 256 draws', () => estimateLifecycle(snapshot, lifecycleRequest, AT), 15],
  ['lifecycle, ten years, 1,000 draws', () => estimateLifecycle(snapshot, thousandDraws, AT), 8],
] as const) {
  console.log(`  ${name.padEnd(54)} ${millisecondsOf(call, calls).toFixed(3).padStart(9)} ms`);
}

interface Contender {
  readonly name: string;
  readonly port: number;
  close(): Promise<void>;
}

const portOf = (address: string | AddressInfo | null): number => (address as AddressInfo).port;

async function ours(): Promise<Contender> {
  const absent = new pg.Pool({ connectionString: 'postgresql://127.0.0.1:1/absent' });
  const app = await buildApp({
    settings: { ...defaultHttpSettings, maxEventLoopDelayMs: 0, rateLimitPerMinuteLoopback: 1e9 },
    catalog: { ...fixedCatalog(snapshot), ageSeconds: () => 0 },
    db: createDatabase(absent),
    pool: absent,
    solve: createSolver(defaultSolverSettings).solve,
    databaseState: async () => ({ reachable: false, migrationsCurrent: null }),
    now: () => new Date(AT),
    logger: pino({ level: 'silent' }),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { name: 'ours', port: portOf(app.server.address()), close: () => app.close() };
}

/** The same body and response schemas, and an answer that is ready. */
async function bareFastify(answers: Readonly<Record<string, unknown>>): Promise<Contender> {
  const app = Fastify({ schemaController: schemaController(new Compilations()) });
  for (const component of components()) app.addSchema(component);
  const route = (url: string, body: object, answer: object) =>
    app.post(
      url,
      { schema: { body, response: { 200: json(answer as never, 'The answer.') } } },
      async () => answers[url],
    );
  route('/v1/estimates/inference', ref(InferenceEstimateRequestSchema), ref(InferenceEstimateSchema));
  route('/v1/estimates/training', ref(TrainingEstimateRequestSchema), ref(TrainingEstimateSchema));
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { name: 'bare Fastify', port: portOf(app.server.address()), close: () => app.close() };
}

async function rawHttp(answers: Readonly<Record<string, unknown>>): Promise<Contender> {
  const texts = Object.fromEntries(Object.entries(answers).map(([url, answer]) => [url, JSON.stringify(answer)]));
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json').end(texts[request.url ?? '']);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { name: 'node:http', port: portOf(server.address()), close };
}

const ROUNDS = 3;
const SECONDS = 3;
const CONNECTIONS = 8;

async function ratios(url: string, body: object, contenders: readonly Contender[]): Promise<void> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, port } of contenders) {
      const result = await autocannon({
        url: `http://127.0.0.1:${port}${url}`,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        connections: CONNECTIONS,
        duration: SECONDS,
      });
      if (result.non2xx > 0) throw new Error(`${name} answered ${result.non2xx} requests with an error.`);
      rates.get(name)?.push(result.requests.average);
    }
  }
  const own = median(rates.get('ours') ?? []);
  console.log(`POST ${url}, ${CONNECTIONS} connections, median of ${ROUNDS} interleaved rounds:`);
  for (const [name, values] of rates) {
    const rate = median(values);
    console.log(
      `  ${name.padEnd(14)} ${rate.toFixed(0).padStart(8)} requests/s   ours is ${(own / rate).toFixed(3)} of it`,
    );
  }
}

const own = await ours();
const answers: Record<string, unknown> = {};
for (const [url, body] of [
  ['/v1/estimates/inference', inferenceRequest],
  ['/v1/estimates/training', trainingRequest],
] as const) {
  const response = await fetch(`http://127.0.0.1:${own.port}${url}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  answers[url] = await response.json();
}
const contenders = [own, await bareFastify(answers), await rawHttp(answers)];
await ratios('/v1/estimates/inference', inferenceRequest, contenders);
await ratios('/v1/estimates/training', trainingRequest, contenders);
for (const contender of contenders) await contender.close();

placementBench();
