/**
 * `node scripts/bench/recommendations.ts`: how long a recommendation takes over the full catalog, and what light requests feel of
 * it. Times are those of this machine; the comparison of light requests is within one run.
 */
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import pino from 'pino';
import { buildApp } from '../../src/app.ts';
import { fixedCatalog } from '../../src/catalog/holder.ts';
import { loadSeed } from '../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';
import { createDatabase } from '../../src/db/pool.ts';
import { defaultHttpSettings } from '../../src/dependencies.ts';
import { recommendHardware } from '../../src/domain/recommendation/recommend.ts';
import { createSolver, defaultSolverSettings } from '../../src/solver/solver.ts';
import type { Heard, Load, Message } from './request-load.ts';

const AT = '2026-11-24T00:00:00.000Z';
const snapshot = snapshotFromSeed(loadSeed());
const solver = createSolver(defaultSolverSettings);
const noPause = async (): Promise<void> => undefined;

/** Median and 95th percentile, ms: of the clock, and of this process alone, which other work on the machine does not stretch. */
async function timesOf(call: (turn: number) => Promise<unknown>, calls: number): Promise<string> {
  for (let turn = 0; turn < 5; turn++) await call(turn);
  const clock: number[] = [];
  const processor: number[] = [];
  for (let turn = 0; turn < calls; turn++) {
    const start = performance.now();
    const used = process.cpuUsage();
    await call(100 + turn);
    const { user, system } = process.cpuUsage(used);
    clock.push(performance.now() - start);
    processor.push((user + system) / 1000);
  }
  const at = (values: number[], share: number): string => {
    const sorted = [...values].sort((a, b) => a - b);
    return (sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] as number).toFixed(0).padStart(5);
  };
  return `median ${at(clock, 0.5)} ms, p95 ${at(clock, 0.95)} ms; processor median ${at(processor, 0.5)} ms, p95 ${at(processor, 0.95)} ms`;
}

const inference = { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 };
const small = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 200_000, objectives: { ttftMsP95: 500 } };

console.log('Recommendation over the full catalog, warm:');
for (const [name, call] of [
  ['70B, a load never asked before', (turn) => ({ ...inference, requestsPerDay: 1_000_000 + turn })],
  ['8B within 500 ms, a load never asked before', (turn) => ({ ...small, requestsPerDay: 200_000 + turn })],
  ['70B, the same workload under another budget', () => inference],
] as readonly (readonly [string, (turn: number) => typeof inference])[]) {
  const times = await timesOf(
    (turn) =>
      recommendHardware(
        snapshot,
        { inference: call(turn), constraints: { monthlyBudgetUsd: String(500_000 + turn) } },
        AT,
        noPause,
      ),
    40,
  );
  console.log(`  ${name.padEnd(48)} ${times}`);
}

const absent = new pg.Pool({ connectionString: 'postgresql://127.0.0.1:1/absent' });
const app = await buildApp({
  settings: { ...defaultHttpSettings, maxEventLoopDelayMs: 0, rateLimitPerMinuteLoopback: 1e9 },
  catalog: { ...fixedCatalog(snapshot), ageSeconds: () => 0 },
  db: createDatabase(absent),
  pool: absent,
  solve: solver.solve,
  databaseState: async () => ({ reachable: false, migrationsCurrent: null }),
  now: () => new Date(AT),
  logger: pino({ level: 'silent' }),
});
await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address() as { port: number };
const base = `http://127.0.0.1:${port}`;

const post = (path: string, body: object) =>
  fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).then(async (response) => {
    if (!response.ok) throw new Error(await response.text());
    await response.arrayBuffer();
  });

const sizes = Array.from({ length: 100 }, (_, index) => ({
  promptTokens: 50 * 1.06 ** index,
  outputTokens: 50 + 5 * index,
  share: 1,
}));
const fleet = (turn: number) => ({
  inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 3_000_000 + turn },
  sizes,
  purchase: { accept: ['on_demand', 'spot', 'committed'] },
});
console.log('Mixed fleet of up to 12 machine types and 100 sizes, over HTTP:');
console.log(`  ${await timesOf((turn) => post('/v1/hardware-recommendations/mixed-fleets', fleet(turn)), 8)}`);

const tooTight = (turn: number) => ({
  ...fleet(turn),
  regions: 'any',
  purchase: { accept: ['on_demand', 'spot', 'committed', 'owned'] },
  constraints: {
    monthlyBudgetUsd: '2000',
    upfrontBudgetUsd: '10000',
    maxCarbonKilogramsPerMonth: 50,
    facility: { maxKilowatts: 1, maxRacks: 1 },
  },
});
console.log('The same within five limits that nothing keeps, with the smallest change that helps:');
console.log(`  ${await timesOf((turn) => post('/v1/hardware-recommendations/mixed-fleets', tooTight(turn)), 8)}`);

const everyTerm = ['on_demand', 'spot', 'committed', 'capacity_block', 'owned'];
const everyPreset = ['prefix_caching', 'speculative_decoding', 'quantized_kv', 'disaggregated', 'distilled'];
const heavy: readonly (readonly [string, string, (turn: number) => object])[] = [
  ['mixed fleets', '/v1/hardware-recommendations/mixed-fleets', fleet],
  [
    'recommendations with every optimization on all terms',
    '/v1/hardware-recommendations',
    (turn) => ({
      inference: { ...inference, requestsPerDay: 2_000_000 + turn },
      purchase: { accept: everyTerm },
      constraints: { minAccuracyPercent: 90 },
      optimizations: { accept: everyPreset },
    }),
  ],
  ...(['fastest', 'cheapest'] as const).map(
    (goal) =>
      [
        `the ${goal} training clusters, of batches never asked before`,
        '/v1/hardware-recommendations/training-clusters',
        (turn: number) => ({
          training: { model: 'meta-llama/Llama-3.1-70B', tokens: 1e12, globalBatchTokens: 8192 * (400 + turn) },
          goal,
          accept: everyTerm,
        }),
      ] as const,
  ),
];

const LIGHT_PER_SECOND = 100;
const WINDOW_SECONDS = 4;
/** Pairs of a window alone and one beside heavy requests; what the machine does otherwise meets both. */
const PAIRS = 5;
const MESSAGES_PER_WINDOW = 100;

interface Window {
  readonly p50: number;
  readonly p99: number;
  readonly heavyAnswered: number;
  /** How long the event loop of the server was held at the most but for one time in a hundred, ms. */
  readonly heldP99: number;
}

async function lightWindow(messages: readonly Message[]): Promise<Window> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const light = { path: '/v1/estimates/inference', body: { ...inference, device: 'nvidia-h100-sxm5-80gb' } };
  const load: Load = { port, light: [light], perSecond: LIGHT_PER_SECOND, seconds: WINDOW_SECONDS, heavy: messages };
  const client = new Worker(new URL('./request-load.ts', import.meta.url), { workerData: load });
  const [heard] = (await once(client, 'message')) as [Heard];
  delay.disable();
  const sorted = heard.milliseconds.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] as number;
  return { p50: at(0.5), p99: at(0.99), heavyAnswered: heard.heavyAnswered, heldP99: delay.percentile(99) / 1e6 };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

console.log(
  `Light requests (an inference estimate, ${LIGHT_PER_SECOND} a second from a thread of its own), medians of ${PAIRS} windows of ${WINDOW_SECONDS} s alone and as many beside heavy requests, in turn:`,
);
let asked = 0;
for (const [name, path, body] of heavy) {
  const messages = () => Array.from({ length: MESSAGES_PER_WINDOW }, () => ({ path, body: body(asked++) }));
  await lightWindow(messages());
  const alone: Window[] = [];
  const together: Window[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    alone.push(await lightWindow([]));
    together.push(await lightWindow(messages()));
  }
  const of = (windows: readonly Window[], figure: keyof Window): string =>
    median(windows.map((window) => window[figure])).toFixed(1);
  const ratios = together.map(({ p99 }, pair) => p99 / (alone[pair] as Window).p99);
  console.log(
    `  p99 ${of(alone, 'p99')} ms alone (median ${of(alone, 'p50')}), ${of(together, 'p99')} ms (${of(together, 'p50')}) beside ${of(together, 'heavyAnswered')} ${name} a window: ${median(ratios).toFixed(2)} x; event loop late by ${of(alone, 'heldP99')} and ${of(together, 'heldP99')} ms at p99`,
  );
}
await app.close();
await solver.close();
