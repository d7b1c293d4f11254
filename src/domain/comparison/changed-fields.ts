/** Where two requests differ, in units that can be changed one by one without contradicting themselves. */

export interface FieldDifference {
  /** JSON pointer; of the whole setting, where its parts depend on each other. */
  readonly field: string;
  /** Null where the request says nothing. */
  readonly from: unknown;
  readonly to: unknown;
  /** Top-level fields that go together. */
  readonly names: readonly string[];
}

/** Alternatives of one choice. */
const TOGETHER: readonly (readonly string[])[] = [
  ['model', 'customLanguageModel', 'customVisionModel'],
  ['device', 'customDevice'],
];
const PINS: ReadonlySet<string> = new Set([
  'pricingAt',
  'catalogRevision',
  'priceBook',
  'reporting',
  'include',
  'optimization',
]);

type Fields = Readonly<Record<string, unknown>>;

export function changedFields(from: Fields, to: Fields): readonly FieldDifference[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter((name) => !PINS.has(name));
  const groups = new Map<string, readonly string[]>();
  for (const name of names) {
    const group = TOGETHER.find((members) => members.includes(name)) ?? [name];
    groups.set(group.join(), group);
  }
  return [...groups.values()].flatMap((group): FieldDifference[] => {
    const differing = group.filter((name) => textOf(from[name]) !== textOf(to[name]));
    if (differing.length === 0) return [];
    const shown = differing.find((name) => to[name] !== undefined) ?? (differing[0] as string);
    const before = group.map((name) => from[name]).find((value) => value !== undefined) ?? null;
    const after = group.map((name) => to[name]).find((value) => value !== undefined) ?? null;
    return [{ ...narrowest(shown, before, after), names: group }];
  });
}

/** The one part that differs, where only one does. */
function narrowest(name: string, from: unknown, to: unknown): Pick<FieldDifference, 'field' | 'from' | 'to'> {
  let field = `/${name}`;
  let before = from;
  let after = to;
  // a setting that only one of them has is set against an empty one
  while (isFields(before ?? after) && isFields(after ?? before)) {
    const a = (before ?? {}) as Fields;
    const b = (after ?? {}) as Fields;
    const parts = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
      (part) => textOf(a[part]) !== textOf(b[part]),
    );
    const [only] = parts;
    if (parts.length !== 1 || only === undefined) break;
    field += `/${only}`;
    before = a[only] ?? null;
    after = b[only] ?? null;
  }
  return { field, from: before, to: after };
}

/** The order of fields says nothing. */
const textOf = (value: unknown): string | undefined =>
  JSON.stringify(value, (_name, part) =>
    isFields(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `from` with one difference taken over from `to`. */
export function withDifference(from: Fields, to: Fields, { names }: FieldDifference): Fields {
  const changed: Record<string, unknown> = { ...from };
  for (const name of names) {
    if (to[name] === undefined) delete changed[name];
    else changed[name] = to[name];
  }
  return changed;
}
