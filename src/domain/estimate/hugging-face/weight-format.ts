/** The format that the weights of a checkpoint are stored in, by its quantization_config; none for 16 and 32 bits. */
import type { CustomLanguageModel } from '../selectors.ts';
import type { ConfigFields } from './config-fields.ts';

type Format = NonNullable<CustomLanguageModel['nativeWeightFormat']>;
type StoredFormat = Pick<CustomLanguageModel, 'nativeWeightFormat' | 'formatBesideExperts'>;

export function readWeightFormat(config: ConfigFields, text: ConfigFields): StoredFormat {
  const quantization = config.part('quantization_config') ?? text.part('quantization_config');
  if (quantization === undefined) return {};
  const format = formatOf(quantization);
  // DeepSeek-V4: experts in four bits, all else in eight
  if (format === 'fp8' && text.text('expert_dtype') === 'fp4') {
    return { nativeWeightFormat: 'mxfp4', formatBesideExperts: 'fp8' };
  }
  return { nativeWeightFormat: format };
}

function formatOf(quantization: ConfigFields): Format {
  const method = quantization.text('quant_method') ?? (quantization.has('quant_algo') ? 'modelopt' : '');
  switch (method) {
    case 'fp8':
    case 'fbgemm_fp8':
      return 'fp8';
    case 'mxfp4':
      return 'mxfp4';
    case 'awq':
    case 'gptq':
    case 'auto-round':
      return ofBits(quantization, 'int', quantization.count('bits') ?? 4, 'bits');
    case 'bitsandbytes':
      return quantization.flag('load_in_8bit') === true ? 'int8' : 'int4';
    case 'modelopt':
      return ofAlgorithm(quantization);
    case 'compressed-tensors':
      return ofGroups(quantization);
    default:
      return quantization.fault(
        'quant_method',
        'unsupported_format',
        `Weights quantized by "${method.slice(0, 60)}" are not read; leave quantization_config out and say the format as serving.weightFormat.`,
      );
  }
}

function ofBits(quantization: ConfigFields, type: string, bits: number, field: string): Format {
  const formats: Readonly<Record<string, Format>> = { int4: 'int4', int8: 'int8', float8: 'fp8', float4: 'fp4' };
  return (
    formats[`${type}${bits}`] ??
    quantization.fault(
      field,
      'unsupported_format',
      `Weights of ${bits} bits (${type.slice(0, 20)}) are not among the formats that can be estimated; leave quantization_config out and say the nearest as serving.weightFormat.`,
    )
  );
}

/** NVIDIA TensorRT Model Optimizer. */
function ofAlgorithm(quantization: ConfigFields): Format {
  const algorithm = quantization.text('quant_algo') ?? '';
  if (/nvfp4/i.test(algorithm)) return 'fp4';
  if (/fp8/i.test(algorithm)) return 'fp8';
  if (/w4a16|int4/i.test(algorithm)) return 'int4';
  if (/w8a8|int8/i.test(algorithm)) return 'int8';
  // several formats at once: the narrowest is that of most weights
  if (quantization.has('config_groups')) return ofGroups(quantization);
  const algorithms = (quantization.part('quantized_layers')?.parts() ?? []).map(
    (layer) => layer.text('quant_algo') ?? '',
  );
  if (algorithms.some((one) => /nvfp4/i.test(one))) return 'fp4';
  if (algorithms.some((one) => /fp8/i.test(one))) return 'fp8';
  return quantization.fault(
    'quant_algo',
    'unsupported_format',
    'The algorithm is not read; leave quantization_config out and say the format as serving.weightFormat.',
  );
}

/** The narrowest of the groups, which is that of most weights. */
function ofGroups(quantization: ConfigFields): Format {
  const groups = quantization.part('config_groups')?.parts() ?? [];
  const found = groups.flatMap((group) => {
    const weights = group.part('weights');
    if (weights === undefined) return [];
    const bits = weights.count('num_bits') ?? 16;
    const named = `${group.text('format') ?? quantization.text('format') ?? ''}`;
    const format: Format = named.startsWith('mxfp4')
      ? 'mxfp4'
      : ofBits(weights, weights.text('type') ?? 'int', bits, 'num_bits');
    return [{ bits, format }];
  });
  const [narrowest] = found.sort((a, b) => a.bits - b.bits);
  return (
    narrowest?.format ??
    quantization.fault('config_groups', 'required', 'No group says how many bits its weights have (weights.num_bits).')
  );
}
