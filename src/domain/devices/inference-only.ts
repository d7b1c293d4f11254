/**
 * Accelerators that are built and sold for inference and have no software to train on: AWS Inferentia (Neuron SDK: inference on Inf1
 * and Inf2, training on Trn1 and Trn2), Groq LPU (GroqWare: compiled inference), Qualcomm Cloud AI 100 and Huawei Atlas 300I (product
 * pages: inference cards).
 */
const INFERENCE_ONLY: ReadonlySet<string> = new Set([
  'aws-inferentia1',
  'aws-inferentia2',
  'groq-lpu',
  'qualcomm-cloud-ai-100-standard',
  'qualcomm-cloud-ai-100-pro',
  'qualcomm-cloud-ai-100-ultra',
  'huawei-atlas-300i-duo',
]);

export const isInferenceOnly = ({ id }: { readonly id: string }): boolean => INFERENCE_ONLY.has(id);

export const inferenceOnlyInWords = ({ name }: { readonly name: string }): string =>
  `${name} is built and sold for inference; there is no software to train on it.`;
