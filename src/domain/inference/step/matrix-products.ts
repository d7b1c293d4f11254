/** The matrix products of a model on one rank, as seconds for reading their weights once and seconds for each row. */
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { feedForwardLayers, mixingLayers } from '../../models/layers.ts';
import {
  heavyCompressorWidth,
  indexCompressorWidth,
  lightCompressorWidth,
  stateSpaceWidths,
  storedParameters,
} from '../../models/parameters.ts';
import type { ServingConfiguration, WeightFormat } from './configuration.ts';
import type { GemmEfficiency, LlamaCppEfficiency } from './efficiency.ts';
import { bytesPerWeight, computePeak, enginePeak, languageHalfPeakFlops } from './formats.ts';
import { headWeightBytes, layerFormat, layerWeightBytes } from './weight-storage.ts';

export interface Gemm {
  /** Times per step, over all layers. */
  readonly count: number;
  readonly weightSeconds: number;
  /** Seconds to widen the weights, once per step. */
  readonly unpackSeconds: number;
  /** Seconds of activation traffic, and of arithmetic, for each row. */
  readonly rowMemorySeconds: number;
  readonly rowComputeSeconds: number;
}

interface MatrixProducts {
  readonly layers: readonly Gemm[];
  readonly head: Gemm;
  /** Seconds to widen one weight of the configuration's format. */
  readonly unpackSeconds: number;
}

/**
 * @param level share of its class's rates that the device reaches
 * @param llamaCpp null under the serving engines
 */
export function matrixProducts(
  configuration: ServingConfiguration,
  efficiency: GemmEfficiency,
  level: number,
  llamaCpp: LlamaCppEfficiency | null,
): MatrixProducts {
  const { model, device, engine, weightFormat, floatActivations } = configuration;
  const tensor = configuration.tensorParallel;
  const layers = model.layers;
  const hidden = model.hiddenSize;
  const slowed = (format: WeightFormat) =>
    llamaCpp && floatActivations && bytesPerWeight(format, engine) < 1 ? llamaCpp.floatActivationFactor : 1;
  const halfPeak = languageHalfPeakFlops(device) ?? computePeak(device, 'bf16')?.flops ?? Number.NaN;
  const unpackSecondsOf = (format: WeightFormat): number => {
    if (!llamaCpp) return 0;
    const width = bytesPerWeight(format, engine);
    const { half, eight, four } = llamaCpp.unpackOperations;
    return (width >= 2 ? half : width >= 1 ? eight : four) / (level * halfPeak);
  };
  const gemm = (count: number, inner: number, outer: number, format: WeightFormat): Gemm => {
    const { weightRate, computeRate } = gemmRates(configuration, efficiency, format);
    const activationBytes = inner * (bytesPerWeight(format, engine) >= 2 ? 2 : 1) + outer * 2;
    return {
      count,
      weightSeconds: (slowed(format) * inner * outer * layerWeightBytes(configuration, format)) / weightRate,
      unpackSeconds: unpackSecondsOf(format) * inner * outer,
      rowMemorySeconds: activationBytes / weightRate,
      rowComputeSeconds: (2 * inner * outer) / computeRate,
    };
  };

  const format = layerFormat(configuration);
  const products: Gemm[] = [];
  const { attention, layerPattern, stateSpace } = model;
  const attending = mixingLayers(model) - (stateSpace ? layerPattern.linear : 0);
  if (stateSpace) {
    const { inner, inputs } = stateSpaceWidths(stateSpace);
    products.push(
      gemm(layerPattern.linear, hidden, inputs / tensor, format),
      gemm(layerPattern.linear, inner / tensor, hidden, format),
    );
  }
  if (attention.type === 'compressed') {
    const { heads, headDim, queryLoraRank, outputGroups, outputLoraRank, light, heavy } = attention;
    const { indexHeads, indexHeadDim } = light.index;
    // what does not belong to a head is repeated on every rank; compressors stay in 16 bits
    products.push(
      gemm(layers, hidden, queryLoraRank + headDim, format),
      gemm(layers, queryLoraRank, (heads * headDim) / tensor, format),
      gemm(layers, (heads * headDim) / outputGroups, (outputGroups * outputLoraRank) / tensor, format),
      gemm(layers, (outputGroups * outputLoraRank) / tensor, hidden, format),
      gemm(light.layers, hidden, lightCompressorWidth(attention), 'bf16'),
      gemm(light.layers, hidden, indexCompressorWidth(attention) + indexHeads, 'bf16'),
      gemm(light.layers, queryLoraRank, indexHeads * indexHeadDim, format),
      gemm(heavy.layers, hidden, heavyCompressorWidth(attention), 'bf16'),
    );
  } else if (attention.type === 'mla') {
    const { heads, kvLoraRank, nopeHeadDim, ropeHeadDim, valueHeadDim } = attention;
    const query = attention.queryLoraRank || hidden;
    products.push(
      gemm(layers, hidden, query + kvLoraRank + ropeHeadDim, format),
      gemm(layers, query, (heads * (nopeHeadDim + ropeHeadDim)) / tensor, format),
      gemm(layers, kvLoraRank, (heads * (nopeHeadDim + valueHeadDim)) / tensor, 'bf16'),
      gemm(layers, (heads * valueHeadDim) / tensor, hidden, format),
    );
    if (attention.sparse) {
      // the indexer is repeated whole on every rank
      const { indexHeads, indexHeadDim } = attention.sparse;
      products.push(
        gemm(layers, query, indexHeads * indexHeadDim, format),
        gemm(layers, hidden, indexHeadDim + indexHeads, 'bf16'),
      );
    }
  } else {
    const { heads, kvHeads, headDim, sparse } = attention;
    const width = ((heads + 2 * kvHeads) * headDim) / tensor;
    const selecting = sparse ? (sparse.layers ?? layerPattern.full) : 0;
    if (attending > selecting) products.push(gemm(attending - selecting, hidden, width, format));
    if (sparse) {
      // one product with the projections of attention: the indexer's queries are split like keys, its one key is repeated on every rank
      const index = (sparse.indexHeads / Math.min(tensor, sparse.indexHeads) + 1) * sparse.indexHeadDim;
      products.push(gemm(selecting, hidden, width + index, format));
    }
    products.push(gemm(attending, (heads * headDim) / tensor, hidden, format));
  }

  const upWidth = (model.gatedFfn ? 2 : 1) * model.ffnHiddenSize;
  const mixture = model.mixtureOfExperts;
  const { dense: denseLayers, expert: expertLayers } = feedForwardLayers(model);
  if (denseLayers > 0) {
    products.push(
      gemm(denseLayers, hidden, upWidth / tensor, format),
      gemm(denseLayers, model.ffnHiddenSize / tensor, hidden, format),
    );
  }
  if (mixture && mixture.sharedExperts > 0) {
    const width = mixture.sharedExperts * mixture.sharedExpertHiddenSize;
    products.push(
      gemm(expertLayers, hidden, ((model.gatedFfn ? 2 : 1) * width) / tensor, format),
      gemm(expertLayers, width / tensor, hidden, format),
    );
  }
  if (mixture?.latentSize !== undefined) {
    products.push(
      gemm(expertLayers, hidden, mixture.latentSize / tensor, format),
      gemm(expertLayers, mixture.latentSize / tensor, hidden, format),
    );
  }
  const linear = layerPattern.linear;
  const unnamed = (mixture || stateSpace ? 0 : unnamedParameters(model)) / tensor;
  if (unnamed > 0) products.push(gemm(linear, hidden, unnamed / (linear * hidden), format));

  const head = gemm(1, hidden, model.vocabularySize / tensor, 'bf16');
  const headBytes = headWeightBytes(configuration);
  return {
    layers: products,
    head: {
      ...head,
      weightSeconds: (slowed(weightFormat) * head.weightSeconds * headBytes) / 2,
      unpackSeconds: unpackSecondsOf(weightFormat) * hidden * (model.vocabularySize / tensor),
    },
    unpackSeconds: unpackSecondsOf(weightFormat),
  };
}

/** Gates and state projections of linear-attention layers: what the total has beyond the widths that are named. */
const unnamedParameters = (model: LanguageArchitecture): number =>
  model.layerPattern.linear > 0 ? Math.max(model.parametersTotal - storedParameters(model), 0) : 0;

function gemmRates(configuration: ServingConfiguration, efficiency: GemmEfficiency, format: WeightFormat) {
  const bandwidth = configuration.device.memoryBandwidthBytesPerSecond ?? Number.NaN;
  const peak = enginePeak(configuration.device, format, configuration.engine);
  const bytes = bytesPerWeight(format, configuration.engine);
  const mbu = bytes >= 2 ? efficiency.mbu.half : bytes >= 1 ? efficiency.mbu.eight : efficiency.mbu.four;
  const mfu = !peak
    ? Number.NaN
    : peak.format === 'fp8'
      ? efficiency.mfu.fp8
      : peak.format === 'int8'
        ? efficiency.mfu.int8
        : peak.format === 'fp4'
          ? efficiency.mfu.fp4
          : efficiency.mfu.bf16;
  return { weightRate: bandwidth * mbu, computeRate: (peak?.flops ?? Number.NaN) * mfu };
}
