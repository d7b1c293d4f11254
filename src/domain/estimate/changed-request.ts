/** A request with one field set, for trying out a change that is about to be advised. */

/** @param pointer JSON pointer to the field; objects on the way are made where they are missing */
export function changedRequest<Request extends object>(request: Request, pointer: string, value: unknown): Request {
  const set = (node: unknown, [name = '', ...rest]: readonly string[]): unknown => {
    const next = rest.length === 0 ? value : set((node as Record<string, unknown> | undefined)?.[name], rest);
    if (Array.isArray(node)) return node.map((item, index) => (String(index) === name ? next : item));
    return { ...(node as object | undefined), [name]: next };
  };
  return set(request, pointer.split('/').slice(1)) as Request;
}

/** What stands at the pointer; undefined where nothing does. */
export const fieldOf = (request: object, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], request);
