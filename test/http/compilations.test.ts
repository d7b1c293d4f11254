import { Type } from '@sinclair/typebox';
import { afterEach, expect, it } from 'vitest';
import type { App } from '../../src/http/application.ts';
import { Compilations } from '../../src/http/plugins/compilations.ts';
import { testApp } from './application.ts';

let app: App | undefined;
afterEach(() => app?.close());

it('what is put off is compiled once, when it is asked for or when there is time', async () => {
  const compiled: string[] = [];
  const compilations = new Compilations();
  const [a, b] = ['a', 'b'].map((name) => compilations.later(() => compiled.push(name)));
  expect(compiled).toEqual([]);
  a?.();
  a?.();
  expect(compiled).toEqual(['a']);
  const errors: unknown[] = [];
  compilations.later(() => {
    throw new Error('broken');
  });
  await compilations.finish(new AbortController().signal, (error) => errors.push(error));
  b?.();
  expect(compiled).toEqual(['a', 'b']);
  expect(errors).toEqual([new Error('broken')]);
});

it('nothing more is compiled once the application closes', async () => {
  const compilations = new Compilations();
  let compiled = 0;
  for (let number = 0; number < 5; number += 1) compilations.later(() => (compiled += 1));
  await compilations.finish(AbortSignal.abort(), () => undefined);
  expect(compiled).toBe(0);
});

it('the first request is checked and answered by its schemas like any other', async () => {
  app = await testApp();
  app.post(
    '/first',
    {
      schema: {
        hide: true,
        body: Type.Object({ count: Type.Integer() }, { additionalProperties: false }),
        response: { 200: Type.Object({ count: Type.Integer() }) },
      },
    },
    async ({ body }) => ({ ...body, hidden: 1 }),
  );
  const post = (payload: object) => app?.inject({ method: 'POST', url: '/first', payload });
  expect((await post({ count: '1' }))?.statusCode).toBe(400);
  expect((await post({ count: 1 }))?.json()).toEqual({ count: 1 });
});
