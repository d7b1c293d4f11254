/**
 * Which engines run on a device, where their makers say it. vLLM has plug-ins for most accelerators and is ruled out nowhere; of a
 * device that the caller describes nothing is known.
 */
import type { Device } from '../../devices/device.ts';
import type { ServingEngine } from './configuration.ts';

interface EngineSupport {
  /** Name of the engine and what it runs on, the beginning of a sentence. */
  readonly what: string;
  readonly source: string;
  readonly runsOn: (device: Pick<Device, 'class' | 'vendor'>) => boolean;
}

const isAscend = ({ vendor }: Pick<Device, 'vendor'>): boolean => vendor === 'Huawei';

const SUPPORT: Readonly<Record<ServingEngine, EngineSupport | null>> = {
  vllm: null,
  sglang: {
    what: 'SGLang runs on GPUs of NVIDIA, AMD, Intel and Apple, on processors, TPUs and Ascend accelerators',
    source: 'docs.sglang.io, Hardware Platforms (read 2026-11-28)',
    runsOn: (device) => device.class !== 'asic' || isAscend(device),
  },
  tensorrt_llm: {
    what: 'TensorRT-LLM runs on GPUs of NVIDIA alone',
    source: 'nvidia.github.io/TensorRT-LLM, Supported Hardware (read 2026-11-28)',
    runsOn: ({ class: kind, vendor }) => vendor === 'NVIDIA' && kind !== 'cpu',
  },
  llama_cpp: {
    what: 'llama.cpp has backends for GPUs, processors, phones and Ascend accelerators, and for no other accelerator',
    source: 'github.com/ggml-org/llama.cpp, Supported backends (read 2026-11-28)',
    runsOn: (device) => (device.class !== 'asic' && device.class !== 'tpu') || isAscend(device),
  },
};

/** Why the engine does not run on the device, in a sentence; null where nothing speaks against it. */
export function whyEngineNotOn(device: Device, engine: ServingEngine): string | null {
  const support = SUPPORT[engine];
  if (support === null || device.vendor === 'custom' || support.runsOn(device)) return null;
  return `${support.what}; ${device.name} is none of them (${support.source}).`;
}
