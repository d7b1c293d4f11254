/** A request with some of its fields changed, by JSON pointer (RFC 6901). The request itself is left as it is. */

export const applyChanges = <Request>(
  request: Request,
  changes: readonly { readonly field: string; readonly to: unknown }[],
): Request => changes.reduce((changed, { field, to }) => withField(changed, tokens(field), to) as Request, request);

const tokens = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

function withField(value: unknown, [name, ...rest]: readonly string[], to: unknown): unknown {
  if (name === undefined) return to;
  if (Array.isArray(value)) {
    const copy = [...value];
    copy[Number(name)] = withField(copy[Number(name)], rest, to);
    return copy;
  }
  const object = (value ?? {}) as Readonly<Record<string, unknown>>;
  return { ...object, [name]: withField(object[name], rest, to) };
}
