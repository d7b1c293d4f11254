/** The smaller model of the same house that a distilled one would look like. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { ServedModel } from '../../estimate/resolve-model.ts';

/** Students are a third to a twentieth of their teachers; an eighth is usual (Llama 3.1 70B and 8B). */
const LARGEST_SHARE = 1 / 2.5;
const SMALLEST_SHARE = 1 / 25;
const USUAL_SHARE = 1 / 8;

/** Same publisher and kind, the name most alike, then the size nearest an eighth; null where the catalog has none. */
export function smallerSibling(snapshot: CatalogSnapshot, teacher: ServedModel): string | null {
  const publisher = teacher.id.split('/')[0];
  const size = teacher.architecture.parametersTotal;
  if (size === null) return null;
  const candidates = snapshot.models
    .flatMap(({ id, architecture: { kind, parametersTotal } }) => {
      if (id === teacher.id || id.split('/')[0] !== publisher || kind !== teacher.architecture.kind) return [];
      const share = (parametersTotal ?? 0) / size;
      if (share > LARGEST_SHARE || share < SMALLEST_SHARE) return [];
      return [{ id, alike: commonPrefix(id, teacher.id), distance: Math.abs(Math.log(share / USUAL_SHARE)) }];
    })
    .sort((a, b) => b.alike - a.alike || a.distance - b.distance || (a.id < b.id ? -1 : 1));
  return candidates[0]?.id ?? null;
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length++;
  return length;
}
