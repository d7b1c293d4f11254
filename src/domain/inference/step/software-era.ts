/**
 * Software eras: versions of an engine that behave alike. What a step costs whatever its size (kernel launches, latencies,
 * scheduling) fell from one era to the next, while what the device does in the step stayed. Factors are fitted (../calibration/
 * inference-constants.json) and relative to the newest era of vLLM, whose factor is 1.
 */
import type { ServingConfiguration, ServingEngine } from './configuration.ts';
import type { InferenceConstants } from './efficiency.ts';

export interface SoftwareEra {
  readonly id: string;
  /** First version of the era, as numbers; the era lasts to the next one's. */
  readonly from: readonly number[];
  /** What sets it apart. */
  readonly description: string;
  /**
   * The host prepares a step while the device runs the one before: SGLang from 0.4 (zero-overhead batch scheduler),
   * TensorRT-LLM's PyTorch runtime (overlap scheduler), vLLM from 0.14 (asynchronous scheduling by default).
   */
  readonly overlapsHost: boolean;
}

/** TensorRT-LLM when its engines were compiled and run by its C++ runtime. */
export const COMPILED_ENGINES = 'tensorrt_llm_engine';

/**
 * Oldest first. TensorRT-LLM says in its performance overview that it is measured under the PyTorch runtime from 0.19 on;
 * the other lines stand where the measured releases part: 0.10 to 0.12 and 0.15 to 0.19 of vLLM, 0.5.1 and 0.5.9 of
 * SGLang, 1.0 to 1.1 and 1.2 to 1.3 of TensorRT-LLM.
 */
export const SOFTWARE_ERAS: Readonly<Record<ServingEngine, readonly SoftwareEra[]>> = {
  vllm: [
    { id: 'vllm_2025', from: [0], description: 'vLLM up to 0.14', overlapsHost: false },
    { id: 'vllm_2026', from: [0, 15], description: 'vLLM 0.15 and later', overlapsHost: true },
  ],
  sglang: [
    { id: 'sglang_2025', from: [0], description: 'SGLang up to 0.5.6', overlapsHost: true },
    { id: 'sglang_2026', from: [0, 5, 7], description: 'SGLang 0.5.7 and later', overlapsHost: true },
  ],
  tensorrt_llm: [
    {
      id: COMPILED_ENGINES,
      from: [0],
      description: 'TensorRT-LLM up to 0.18 (compiled engines under the C++ runtime)',
      overlapsHost: false,
    },
    {
      id: 'tensorrt_llm_pytorch',
      from: [0, 19],
      description: 'TensorRT-LLM 0.19 to 1.1 (the PyTorch runtime)',
      overlapsHost: true,
    },
    { id: 'tensorrt_llm_2026', from: [1, 2], description: 'TensorRT-LLM 1.2 and later', overlapsHost: true },
  ],
  llama_cpp: [{ id: 'llama_cpp', from: [0], description: 'all measured builds of llama.cpp', overlapsHost: false }],
};

const newestEra = (engine: ServingEngine): SoftwareEra => SOFTWARE_ERAS[engine].at(-1) as SoftwareEra;

/** The era of a version such as "0.11.2" or "1.2.0rc2"; null where it does not start with a number. */
export function eraOfVersion(engine: ServingEngine, version: string): SoftwareEra | null {
  const numbers = version
    .replace(/^v/, '')
    .match(/^\d+(?:\.\d+)*/)?.[0]
    .split('.')
    .map(Number);
  if (!numbers) return null;
  return SOFTWARE_ERAS[engine].findLast(({ from }) => !isBefore(numbers, from)) ?? null;
}

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  for (let index = 0; index < other.length; index++) {
    const difference = (version[index] ?? 0) - (other[index] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** The era a configuration is of. */
export const eraOf = ({ engine, softwareEra }: ServingConfiguration): SoftwareEra =>
  SOFTWARE_ERAS[engine].find(({ id }) => id === softwareEra) ?? newestEra(engine);

/**
 * Whether the host works beside the device. No engine does so in a pipeline, where a batch's next step waits for its tokens from the
 * last stage: SGLang turns it off ("Pipeline parallelism is incompatible with overlap schedule", server_args.py), TensorRT-LLM runs
 * another loop (PyExecutor picks _executor_loop_pp for more than one stage).
 */
export const overlapsHost = (configuration: ServingConfiguration): boolean =>
  configuration.pipelineParallel === 1 && eraOf(configuration).overlapsHost;

/** What a running sequence costs the host is multiplied by. */
export const hostCodeFactor = (configuration: ServingConfiguration, constants: InferenceConstants): number =>
  constants.hostCodeFactor[eraOf(configuration).id] ?? 1;

/** What the fixed costs of a step are multiplied by. */
export const eraFactor = (configuration: ServingConfiguration, constants: InferenceConstants): number =>
  constants.softwareEra[configuration.engine][eraOf(configuration).id] ?? 1;
