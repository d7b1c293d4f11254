import { describe, expect, it } from 'vitest';
import { encodedImage, visionTowerOf } from '../../../src/domain/models/vision-tower.ts';
import { llama8b } from '../inference/fixtures.ts';

const tower = (family: string, hiddenSize = 4096) => {
  const found = visionTowerOf({ ...llama8b, family, hiddenSize });
  if (found === null) throw new Error(`${family} reads no images`);
  return found;
};

describe('an image in the prompt', () => {
  it('of Gemma 3 is 256 tokens at any size, and costs its SigLIP of 4,096 patches', () => {
    const small = encodedImage(tower('gemma3'), 300, 200);
    expect(small).toEqual(encodedImage(tower('gemma3'), 3000, 2000));
    expect(small.tokens).toBe(256);
    // 27 layers of 15.2 M weights, 4,096 patches, attention on top: 3.4 TFLOP + 2.1 TFLOP
    expect(small.flops / 1e12).toBeCloseTo((27 * (2 * 15.227e6 * 4096 + 4 * 4096 ** 2 * 1152)) / 1e12, 1);
  });

  it('of Qwen3-VL is one token for 32 x 32 pixels', () => {
    expect(encodedImage(tower('qwen3_vl'), 1024, 768).tokens).toBe(32 * 24);
    expect(encodedImage(tower('qwen3_vl'), 400, 300).tokens).toBe(13 * 9);
    expect(encodedImage(tower('qwen3_vl', 2560), 1024, 768).flops).toBeLessThan(
      encodedImage(tower('qwen3_vl'), 1024, 768).flops,
    );
  });

  it('of Llama 4 is 144 tokens a tile, with the whole image once more', () => {
    expect(encodedImage(tower('llama4'), 336, 336).tokens).toBe(144);
    expect(encodedImage(tower('llama4'), 672, 672).tokens).toBe(5 * 144);
    expect(encodedImage(tower('llama4'), 60_000, 60_000).tokens).toBe(17 * 144);
  });

  it('means nothing to a model of text', () => {
    expect(visionTowerOf(llama8b)).toBeNull();
    expect(visionTowerOf({ ...llama8b, family: 'gemma3', hiddenSize: 1152 })).toBeNull();
  });
});
