/**
 * The three workloads of Mélange with our model in place of its profiles: Llama-2-7B on L4, A10G, A100 and H100 at its prices, TPOT
 * within 40 and 120 ms. docs/adr/0006-hardware-recommendations.md has the table of all rates and what lies outside of the published ranges.
 *
 * Lengths: means of LMSYS-Chat-1M (arXiv 2309.11998) and of the PubMed summarization set (Cohan et al. 2018, arXiv 1804.05685; words
 * as 1.3 tokens, cut to the context of the model); spreads are ours. Prices: A10G and A100 of melange-release, example.json; L4 and
 * H100 of the paper, from memory. Published savings: melange-release, docs/index.md.
 */
import { describe, expect, it } from 'vitest';
import { AssumptionLog } from '../../../src/domain/economics/assumption.ts';
import { normalized, type RequestSize, sizesOf } from '../../../src/domain/fleet/request-sizes.ts';
import { type MachineType, solveFleet } from '../../../src/domain/fleet/solve-fleet.ts';
import { candidateConfigurations } from '../../../src/domain/inference/candidates.ts';
import { languageQuestion } from '../../../src/domain/inference/estimate-language.ts';
import { fixedLength } from '../../../src/domain/inference/lengths.ts';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';
import { loadSolver } from '../../../src/solver/solve-program.ts';
import { AT, noPause, snapshot } from '../recommendation/seeded.ts';

const solveProgram = await loadSolver();

const MODEL = 'meta-llama/Llama-2-7b';
const TYPES = [
  ['L4', 'nvidia-l4-24gb', 0.7],
  ['A10G', 'nvidia-a10g-24gb', 1.01],
  ['A100', 'nvidia-a100-sxm4-80gb', 3.67],
  ['H100', 'nvidia-h100-sxm5-80gb', 7.516],
] as const;
const CONTEXT_LEFT = 3600;

const chats = sizesOf({
  promptTokens: { mean: 69.5, coefficientOfVariation: 1.5 },
  outputTokens: { mean: 214.5, coefficientOfVariation: 1 },
});
const documents = sizesOf({
  promptTokens: { mean: 4000, coefficientOfVariation: 0.8 },
  outputTokens: { mean: 265, coefficientOfVariation: 0.4 },
}).map((size) => ({ ...size, promptTokens: Math.min(size.promptTokens, CONTEXT_LEFT) }));
const weighted = (sizes: readonly RequestSize[], weight: number) =>
  sizes.map((size) => ({ ...size, share: size.share * weight }));

const WORKLOADS: readonly (readonly [string, readonly RequestSize[], number, readonly [number, number]])[] = [
  ['short chats', chats, 120, [15, 77]],
  ['short chats', chats, 40, [9, 68]],
  ['long documents', documents, 120, [15, 33]],
  ['long documents', documents, 40, [2, 22]],
  ['80/20 mix', [...weighted(chats, 0.8), ...weighted(documents, 0.2)], 120, [13, 51]],
  ['80/20 mix', [...weighted(chats, 0.8), ...weighted(documents, 0.2)], 40, [4, 51]],
];
const RATES = [4, 8, 32];

async function savings(
  sizes: readonly RequestSize[],
  timePerOutputTokenMsP95: number,
  rate: number,
): Promise<number[]> {
  const model = snapshot.model(MODEL)?.architecture as LanguageArchitecture;
  const request = {
    model: MODEL,
    requestsPerDay: rate * 86_400,
    traffic: { peakToMeanRatio: 1, arrivalVariability: 1 },
    objectives: { timePerOutputTokenMsP95, spareReplicas: 0, maxUtilization: 0.95 },
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
    async (program, limits, start) => solveProgram({ program, limits, start }),
    noPause,
  );
  if (fleet === null) throw new Error('Nothing serves every size.');
  for (const { sizing } of fleet.pools) {
    expect((sizing.reached?.('tpot_p95') ?? 1) * 1000).toBeLessThanOrEqual(timePerOutputTokenMsP95);
  }
  return fleet.singles.map((single) => 100 * (1 - fleet.usdPerHour / single.usdPerHour));
}

describe('the workloads of Mélange', () => {
  it.each(WORKLOADS)(
    '%s, case %#: savings over single types lie within what is published, or a single type is best',
    async (...workload) => {
      const [, sizes, tpot, [low, high]] = workload;
      const all: number[] = [];
      for (const rate of RATES) all.push(...(await savings(sizes, tpot, rate)));
      for (const saving of all) expect(saving).toBeGreaterThanOrEqual(-1e-9);
      const within = all.filter((saving) => saving >= low - 1 && saving <= high + 1);
      expect(within.length).toBeGreaterThanOrEqual(2);
    },
  );
});
