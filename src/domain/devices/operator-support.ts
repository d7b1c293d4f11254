/**
 * Which kinds of models the compilers of neural units accept: such a unit runs only what its maker's toolchain can translate. A device
 * that is not listed either runs whatever fits (graphics units, processors) or has no published list.
 */
import type { ModelKind } from '../models/architecture.ts';
import type { Device } from './device.ts';

interface OperatorSupport {
  /** Kinds of models that the toolchain accepts. */
  readonly runs: readonly ModelKind[];
  /** Kinds that the maker or the documentation rules out. Of a kind in neither list nothing is known. */
  readonly refuses: readonly ModelKind[];
  /** Formats that language models run in there; null where not known. */
  readonly languageFormats: readonly string[] | null;
  /** The rest of a sentence that begins with the name of the device. */
  readonly what: string;
  readonly source: string;
}

const VISION: readonly ModelKind[] = ['vision_classification', 'vision_detection', 'vision_segmentation'];
const BEYOND_VISION: readonly ModelKind[] = [
  'language',
  'speech_to_text',
  'encoder',
  'text_to_image',
  'recommendation',
];
const GENERATIVE: readonly ModelKind[] = ['language', 'text_to_image'];

const CORAL: OperatorSupport = {
  runs: VISION,
  refuses: BEYOND_VISION,
  languageFormats: null,
  what: 'runs feed-forward networks such as CNNs, fully quantized to 8 bits and compiled from TensorFlow Lite',
  source: 'coral.ai/docs/edgetpu/models-intro, compatibility overview (read 2026-11-28)',
};
const MYRIAD: OperatorSupport = {
  runs: VISION,
  refuses: BEYOND_VISION,
  languageFormats: null,
  what: 'runs the convolutional networks that the MYRIAD plugin of OpenVINO lists; its last release is 2022.3, support ended with 2023.0',
  source: 'docs.openvino.ai: VPU devices (2022.2), supported devices (2023.3) (read 2026-11-28)',
};
const HAILO_8: OperatorSupport = {
  runs: VISION,
  refuses: GENERATIVE,
  languageFormats: null,
  what: 'has no memory beside the chip for models that write text or images; Hailo-10H is the one for them',
  source: 'awesomeagents.ai/hardware/hailo-10h; hailo.ai, Bringing Generative AI to the Edge (read 2026-11-28)',
};
const HAILO_10H: OperatorSupport = {
  runs: [...VISION, 'language', 'text_to_image'],
  refuses: [],
  languageFormats: ['int4', 'int8'],
  what: 'runs language models that Hailo has compiled, published up to 1.5 billion parameters (Qwen2 and Qwen2.5 1.5B, Llama 3.2 1B, DeepSeek-R1-Distill 1.5B)',
  source: 'hailo.ai, Bringing Generative AI to the Edge; awesomeagents.ai/hardware/hailo-10h (read 2026-11-28)',
};
/** The first Inferentia: serving language models on Neuron begins with its successor. */
const INFERENTIA_1: OperatorSupport = {
  runs: [...VISION, 'encoder'],
  refuses: GENERATIVE,
  languageFormats: null,
  what: 'is not among the chips that serve language or image-generating models on AWS Neuron: vLLM and NxD Inference run on Inferentia2 and Trainium',
  source:
    'awsdocs-neuron.readthedocs-hosted.com, AI Inference on Neuron: "supports Inf2, Trn1, and Trn2 instances" (read 2026-11-28)',
};
const RKNN_ONLY: OperatorSupport = {
  runs: VISION,
  refuses: ['language'],
  languageFormats: null,
  what: 'is not among the platforms of RKLLM, which runs language models on RK3588, RK3576, RK3562 and RV1126B alone',
  source: 'github.com/airockchip/rknn-llm, README and benchmark.md at 878f936',
};
const rkllm = (languageFormats: readonly string[]): OperatorSupport => ({
  runs: [...VISION, 'language'],
  refuses: [],
  languageFormats,
  what: `runs language models that RKLLM converts (Llama, Qwen, Phi, ChatGLM, Gemma, InternLM2, MiniCPM, TeleChat), as ${languageFormats.join(' and ')}`,
  source: 'github.com/airockchip/rknn-llm, README and benchmark.md at 878f936',
});

const SUPPORT: Readonly<Record<string, OperatorSupport>> = {
  'aws-inferentia1': INFERENTIA_1,
  'google-coral-edge-tpu': CORAL,
  'intel-movidius-myriad-x': MYRIAD,
  'hailo-8': HAILO_8,
  'hailo-8l': HAILO_8,
  'hailo-10h': HAILO_10H,
  // 4-bit weights are published for RK3576 and RV1126B alone, of fifteen models each
  'rockchip-rk3588': rkllm(['int8', 'fp16']),
  'rockchip-rk3576': rkllm(['int4', 'int8']),
  'rockchip-rv1126b': rkllm(['int4', 'int8']),
  'rockchip-rk3562': rkllm(['int4', 'int8']),
  'rockchip-rk3568': RKNN_ONLY,
  'rockchip-rk1808': RKNN_ONLY,
  'rockchip-rv1109': RKNN_ONLY,
  'rockchip-rv1126': RKNN_ONLY,
};

/** Null where the device runs whatever fits, or nothing is published. */
export const operatorSupport = ({ id }: Pick<Device, 'id'>): OperatorSupport | null => SUPPORT[id] ?? null;

/** Why the device does not run models of a kind, in a sentence; null where nothing speaks against it. */
export function whyNot(device: Pick<Device, 'id' | 'name'>, kind: ModelKind): string | null {
  const support = operatorSupport(device);
  return support?.refuses.includes(kind) ? `${device.name} ${support.what} (${support.source}).` : null;
}
