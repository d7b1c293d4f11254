/** Whatever is computed from the catalog tells its revision and age in headers, where they do not change the bytes of the answer. */
import type { CatalogAccess } from '../../dependencies.ts';
import type { App } from '../application.ts';
import type { Replay } from '../convert/replay.ts';
import { tellReading } from '../routes/catalog/reading.ts';

const isComputed = (answer: unknown): answer is { readonly replay: Replay } =>
  typeof answer === 'object' && answer !== null && 'replay' in answer;

export const catalogHeaders = (app: App, catalog: CatalogAccess): void => {
  app.addHook('preSerialization', async (_request, reply, answer) => {
    if (isComputed(answer)) tellReading(reply, { catalog }, { revision: answer.replay.catalogRevision });
    return answer;
  });
};
