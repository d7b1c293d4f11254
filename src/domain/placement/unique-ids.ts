import { refuse } from '../estimate/request-fault.ts';

/** @throws RequestFaultError at the first id that stands twice in `/list`. */
export function unique(ids: readonly string[], list: string): void {
  for (const [index, id] of ids.entries())
    if (ids.indexOf(id) !== index) refuse(`/${list}/${index}/id`, 'contradiction', `The id "${id}" is used twice.`);
}
