/**
 * The three workloads of Mélange with our model in place of its profiles: Llama-2-7B on L4, A10G, A100 and H100 at its prices, 40 and
 * 120 ms per output token. docs/mixed-fleets-accuracy.md has the table of all rates and what lies outside of the published ranges.
 *
 * Prices: A10G and A100 of melange-release at d46ab43, example.json; those of L4 and H100 follow from the bars of its
 * docs/images/Arena_120-1.png at one request a second, where one L4 and one A10G are the mix (checked below).
 * Lengths: documents of the PubMed summarization set (ccdv/pubmed-summarization: 3,043 and 215 words on average; 1.3 tokens a word, cut
 * to the context of the model). Of LMSYS-Chat-1M only means of single turns are published; with the conversation before them, about
 * a thousand tokens, the fleets at one request a second are those of the plot. Spreads are ours.
 * Objectives: the mean time per token, which the median is closest to; documents and mixes are compared with A100 and H100 alone, as in
 * the plots. Published savings: docs/index.md.
 */
import { describe, expect, it } from 'vitest';
import { AssumptionLog } from '../../../src/domain/economics/assumption.ts';
import { normalized, type RequestSize, sizesOf } from '../../../src/domain/fleet/request-sizes.ts';
import { type MachineType, type SolvedFleet, solveFleet } from '../../../src/domain/fleet/solve-fleet.ts';
import { candidateConfigurations } from '../../../src/domain/inference/language/candidates.ts';
import { languageQuestion } from '../../../src/domain/inference/language/estimate-language.ts';
import { fixedLength } from '../../../src/domain/inference/step/lengths.ts';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';
import { programArrays } from '../../../src/solver/program-arrays.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';
import { noPause } from '../recommendation/seeded.ts';
import { AT, snapshot } from '../seed.ts';

const solveProgram = await loadSolver();

const MODEL = 'meta-llama/Llama-2-7b';
const TYPES = [
  ['L4', 'nvidia-l4-24gb', 0.7],
  ['A10G', 'nvidia-a10g-24gb', 1.01],
  ['A100', 'nvidia-a100-sxm4-80gb', 3.67],
  ['H100', 'nvidia-h100-sxm5-80gb', 7.516],
] as const;
const CONTEXT_LEFT = 3600;

const LONGEST_ANSWER = 1500;

const chats = sizesOf({
  promptTokens: { mean: 1000, coefficientOfVariation: 1.5 },
  outputTokens: { mean: 214.5, coefficientOfVariation: 1 },
}).map((size) => ({
  ...size,
  promptTokens: Math.min(size.promptTokens, CONTEXT_LEFT - 300),
  outputTokens: Math.min(size.outputTokens, LONGEST_ANSWER),
}));
const documents = sizesOf({
  promptTokens: { mean: 4000, coefficientOfVariation: 0.8 },
  outputTokens: { mean: 265, coefficientOfVariation: 0.4 },
}).map((size) => ({ ...size, promptTokens: Math.min(size.promptTokens, CONTEXT_LEFT) }));
const weighted = (sizes: readonly RequestSize[], weight: number) =>
  sizes.map((size) => ({ ...size, share: size.share * weight }));

const LARGE = ['A100', 'H100'];
const ALL = TYPES.map(([id]) => id);

interface Workload {
  readonly name: string;
  readonly sizes: readonly RequestSize[];
  readonly tpotMs: number;
  /** Percent. */
  readonly published: readonly [number, number];
  /** Single types that the plot compares with. */
  readonly against: readonly string[];
}

const mix = [...weighted(chats, 0.8), ...weighted(documents, 0.2)];
const WORKLOADS: readonly Workload[] = [
  { name: 'short chats', sizes: chats, tpotMs: 120, published: [15, 77], against: ALL },
  { name: 'short chats', sizes: chats, tpotMs: 40, published: [9, 68], against: ALL },
  { name: 'long documents', sizes: documents, tpotMs: 120, published: [15, 33], against: LARGE },
  { name: 'long documents', sizes: documents, tpotMs: 40, published: [2, 22], against: LARGE },
  { name: '80/20 mix', sizes: mix, tpotMs: 120, published: [13, 51], against: LARGE },
  { name: '80/20 mix', sizes: mix, tpotMs: 40, published: [4, 51], against: LARGE },
];
const RATES = [4, 8, 32];

async function fleetOf(
  sizes: readonly RequestSize[],
  timePerOutputTokenMsP50: number,
  rate: number,
): Promise<SolvedFleet> {
  const model = snapshot.model(MODEL)?.architecture as LanguageArchitecture;
  const request = {
    model: MODEL,
    requestsPerDay: rate * 86_400,
    traffic: { peakToMeanRatio: 1, arrivalVariability: 1 },
    objectives: { timePerOutputTokenMsP50, spareReplicas: 0, maxUtilization: 0.95 },
  };
  const { question } = languageQuestion(snapshot, request, model, AT, new AssumptionLog());
  const short = { promptTokens: fixedLength(70), outputTokens: fixedLength(200) };
  const types = TYPES.flatMap(([id, deviceId, usdPerHour]): MachineType[] => {
    const device = snapshot.device(deviceId);
    const base = { ...question.base, tensorParallel: 1, weightFormat: 'fp16' as const };
    const [candidate] = device === undefined ? [] : candidateConfigurations(model, device, short, base);
    return candidate === undefined
      ? []
      : [{ id, configuration: candidate.configuration, usdPerHour, replicasPerMachine: 1, steady: true }];
  });
  const fleet = await solveFleet(
    {
      serving: question,
      sizes: normalized(sizes),
      requestsPerSecond: rate,
      types,
      slices: 4,
      spareReplicas: 0,
      steadyShare: 0,
      maxTypes: null,
      limits: { maximumNodes: 500, maximumSimplexIterations: 20_000, relativeGap: 0.005, maximumWallClockMs: 20_000 },
    },
    async (program, limits, start) => solveProgram({ program: programArrays(program), limits, start }),
    noPause,
  );
  if (fleet === null) throw new Error('Nothing serves every size.');
  for (const { sizing } of fleet.pools) {
    expect((sizing.reached?.('tpot_p50') ?? 1) * 1000).toBeLessThanOrEqual(timePerOutputTokenMsP50);
  }
  return fleet;
}

describe('the workloads of Mélange', () => {
  it.each(WORKLOADS)(
    '$name within $tpotMs ms: savings over single types lie within what is published, or a single type is best',
    async ({ sizes, tpotMs, published: [low, high], against }) => {
      const all: number[] = [];
      for (const rate of RATES) {
        const { usdPerHour, singles } = await fleetOf(sizes, tpotMs, rate);
        for (const single of singles) {
          if (against.includes(single.type.id)) all.push(100 * (1 - usdPerHour / single.usdPerHour));
        }
      }
      for (const saving of all) expect(saving).toBeGreaterThanOrEqual(-1e-9);
      const within = all.filter((saving) => saving >= low - 1 && saving <= high + 1);
      expect(within.length).toBeGreaterThanOrEqual(2);
    },
  );

  it('has prices that reproduce the published plot: one chat a second takes an L4 and an A10G', () => {
    const usd = Object.fromEntries(TYPES.map(([id, , perHour]) => [id, perHour]));
    const mixed = (usd.L4 ?? 0) + (usd.A10G ?? 0);
    // heights of the bars of Arena_120-1.png over that of the mix, and the whole machines that they stand for
    const bars = [
      ['A10G', 2, 1.18],
      ['L4', 3, 1.23],
      ['A100', 1, 2.15],
      ['H100', 1, 4.4],
    ] as const;
    for (const [id, machines, height] of bars) {
      expect(Math.abs((machines * (usd[id] ?? 0)) / mixed - height), id).toBeLessThan(0.02);
    }
  });

  it('serves one chat a second as cheaply as the plot says, by the model', async () => {
    const { usdPerHour } = await fleetOf(chats, 120, 1);
    expect(usdPerHour).toBeGreaterThan(0.69);
    expect(usdPerHour).toBeLessThan(2.5);
  });
});
