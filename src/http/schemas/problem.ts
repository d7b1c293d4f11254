import { Type } from '@sinclair/typebox';
import { component, list, ref } from './component.ts';

const FieldErrorSchema = component(
  'FieldError',
  {
    pointer: Type.Optional(
      Type.String({
        description:
          'Where in the body, as a JSON Pointer in URI fragment form. Absent when the error is not in the body.',
        examples: ['#/requestsPerDay'],
      }),
    ),
    parameter: Type.Optional(
      Type.String({
        description: 'Which query, path or header parameter. Absent when the error is in the body.',
        examples: ['query pageSize'],
      }),
    ),
    detail: Type.String({ description: 'A sentence that says what to change.' }),
    rule: Type.String({
      description: 'The rule that was broken, for machines. More rules may be added.',
      examples: ['required', 'type', 'unknown_field', 'choice', 'minimum'],
    }),
    choices: Type.Optional(
      list(Type.String(), { description: 'The values to choose from, where there is a closed list.' }),
    ),
  },
  { description: 'One thing to change in a request.' },
);

export const ProblemSchema = component(
  'Problem',
  {
    type: Type.String({
      description: 'What went wrong, as a path that answers with a page about it.',
      format: 'uri-reference',
      examples: ['/problems/invalid-request'],
    }),
    title: Type.String({ description: 'The type in words, always the same for one type.' }),
    status: Type.Integer({ description: 'The HTTP status of this answer.', minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What happened this time and what to do about it.' }),
    instance: Type.String({
      description: 'This occurrence of the problem, as a URI made of the request id.',
      format: 'uri-reference',
    }),
    requestId: Type.String({ description: 'The id in the X-Request-Id header and in the logs.' }),
    errors: Type.Optional(
      list(ref(FieldErrorSchema), {
        description: 'Each thing to change, where the request does not match the contract.',
      }),
    ),
  },
  {
    description:
      'A problem document (RFC 9457), sent as application/problem+json. Some types carry further members, described on their page.',
    additionalProperties: true,
  },
);
