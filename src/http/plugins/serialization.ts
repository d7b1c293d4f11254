/** Writes answers by their schemas. */
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import type { Compilations } from './compilations.ts';

type Build = ReturnType<typeof SerializerSelector>;

/**
 * For one application: routes share their problem answers and many of the others, so each distinct schema is compiled once. All
 * components are there before the first route, so they are the same for each.
 */
export const oncePerSchema = (compilations: Compilations): Build => {
  const build = SerializerSelector();
  const serializers = new Map<string, ReturnType<ReturnType<Build>>>();
  return (components, options) => {
    const compile = build(components, options);
    return (definition) => {
      const key = JSON.stringify(definition.schema);
      let serializer = serializers.get(key);
      if (serializer === undefined) {
        const compiled = compilations.later(() => compile(definition));
        serializer = (value) => compiled()(value);
        serializers.set(key, serializer);
      }
      return serializer;
    };
  };
};
