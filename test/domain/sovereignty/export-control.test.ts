import { describe, expect, it } from 'vitest';
import type { Device } from '../../../src/domain/devices/device.ts';
import { exportControl, totalProcessingPerformance } from '../../../src/domain/sovereignty/index.ts';
import { seed } from '../../catalog/seed/seed.ts';

const device = (id: string): Device => {
  const found = seed.devices.find((entry) => entry.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
};
const H100 = device('nvidia-h100-sxm5-80gb');
const verdict = (of: Device, to: string, headquartersCountry?: string, ultimateParentCountry?: string) =>
  exportControl(of, to, { headquartersCountry, ultimateParentCountry }).verdict;

describe('totalProcessingPerformance', () => {
  it('is operations times bits: 15,800 for H100, about 5,000 for A100', () => {
    expect(totalProcessingPerformance(H100)).toBeGreaterThan(15_500);
    expect(totalProcessingPerformance(H100)).toBeLessThan(16_100);
    const a100 = seed.devices.find(({ id }) => id.startsWith('nvidia-a100-sxm'));
    expect(totalProcessingPerformance(a100 as Device)).toBeCloseTo(4992, -1);
  });
});

describe('exportControl', () => {
  it('needs a licence case by case in the Gulf, none in Europe', () => {
    expect(verdict(H100, 'AE', 'AE')).toBe('allowed-with-safeguard');
    expect(verdict(H100, 'SA', 'US')).toBe('allowed-with-safeguard');
    expect(verdict(H100, 'PK', 'PK')).toBe('allowed-with-safeguard');
    expect(verdict(H100, 'DE', 'DE')).toBe('allowed');
    expect(verdict(H100, 'US', 'US')).toBe('allowed');
  });

  it('follows the headquarters and the ultimate parent wherever the hardware stands', () => {
    expect(verdict(device('nvidia-b200-sxm-180gb'), 'DE', 'DE', 'CN')).toBe('prohibited');
    expect(verdict(device('nvidia-b200-sxm-180gb'), 'AE', 'CN')).toBe('prohibited');
    expect(verdict(H100, 'IR', 'IR')).toBe('prohibited');
  });

  it('reviews H200-class chips for China case by case since January 2026, larger ones not', () => {
    expect(verdict(device('nvidia-h200-sxm5-141gb'), 'CN', 'CN')).toBe('allowed-with-safeguard');
    expect(verdict(device('nvidia-b200-sxm-180gb'), 'CN', 'CN')).toBe('prohibited');
  });

  it('lets small devices and processors go', () => {
    expect(verdict(device('nvidia-jetson-orin-nano-8gb'), 'AE', 'AE')).toBe('allowed');
    const processor = seed.devices.find(({ class: kind }) => kind === 'cpu') as Device;
    expect(verdict(processor, 'CN', 'CN')).toBe('allowed');
  });

  it('lets nothing go by itself to where an embargo reaches small devices too', () => {
    const small = device('nvidia-jetson-orin-nano-8gb');
    const processor = seed.devices.find(({ class: kind }) => kind === 'cpu') as Device;
    for (const country of ['IR', 'KP', 'RU']) {
      expect(verdict(small, country, 'AE')).toBe('needs-counsel');
      expect(verdict(processor, country, 'AE')).toBe('needs-counsel');
      expect(verdict(small, 'AE', country)).toBe('needs-counsel');
    }
    expect(verdict(H100, 'RU', 'AE')).toBe('prohibited');
    expect(exportControl(small, 'IR', {}).rule).toContain('part 746');
    for (const [held, where] of [
      [H100, 'RU'],
      [device('nvidia-jetson-agx-thor-t5000'), 'RU'],
    ] as const)
      expect(exportControl(held, where, { headquartersCountry: where }).rule).toContain('part 746');
  });

  it('needs counsel where the user, the figures or the density are not known', () => {
    expect(verdict(H100, 'AE')).toBe('needs-counsel');
    expect(verdict({ ...H100, densePeakFlops: {} }, 'AE', 'AE')).toBe('needs-counsel');
    expect(verdict(device('nvidia-l4-24gb'), 'AE', 'AE')).toBe('needs-counsel');
  });

  it('asks for the classification of a module in the field, which note 2 may free', () => {
    const thor = exportControl(device('nvidia-jetson-agx-thor-t5000'), 'AE', { headquartersCountry: 'AE' });
    expect(thor.verdict).toBe('needs-counsel');
    expect(thor.rule).toContain('note 2');
    expect(thor.safeguards).toEqual(['Classification (ECCN) of the maker for this module']);
    expect(thor.reviewFlag).toBe(true);
    expect(verdict(device('nvidia-jetson-agx-thor-t5000'), 'DE', 'DE')).toBe('allowed');
  });

  it('says what it goes by and that it wants checking', () => {
    const found = exportControl(H100, 'AE', { headquartersCountry: 'AE' });
    expect(found).toMatchObject({ reviewFlag: true, asOf: '2026-05-31' });
    expect(found.citation).toContain('3A090');
    expect(found.safeguards).not.toEqual([]);
  });
});
