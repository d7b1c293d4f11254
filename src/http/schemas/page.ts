/** A list that is given page by page. */
import { Type } from '@sinclair/typebox';
import { component, list, ref } from './component.ts';

export const nextPageToken = Type.Optional(
  Type.String({ description: 'Ask for the next page with this. Absent on the last page.' }),
);

export const page = <Id extends string>(id: Id, item: Parameters<typeof ref>[0], what: string, example: unknown) =>
  component(
    id,
    {
      items: list(ref(item), { description: what }),
      nextPageToken,
    },
    { description: `A page of: ${what.charAt(0).toLowerCase()}${what.slice(1)}`, examples: [{ items: [example] }] },
  );
