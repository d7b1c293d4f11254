/** Worked examples asked of the application itself: which hardware, and where it may run. */
import { seededApplication } from '../contract/seeded-application.ts';
import { example } from './example.ts';

async function ask<Answer>(path: string, request: object): Promise<Answer> {
  const app = await seededApplication();
  const response = await app.inject({ method: 'POST', url: path, payload: request });
  await app.close();
  if (response.statusCode !== 200) throw new Error(response.body);
  return response.json<Answer>();
}

interface Recommendation {
  readonly summary: string;
  readonly inference: {
    readonly options: readonly { readonly optionId: string; readonly costPerMonth: { readonly amount: string } }[];
    readonly runnerUp: { readonly breakEvens: unknown };
  };
  readonly leftOut: { readonly items: readonly { readonly detail: string }[] };
}

export async function whichHardware(): Promise<string> {
  const path = '/v1/hardware-recommendations';
  const request = {
    inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 2_000_000, objectives: { ttftMsP95: 300 } },
    constraints: { countries: ['AE'] },
    leftOut: { device: 'nvidia-t4-16gb' },
  };
  const { summary, inference, leftOut } = await ask<Recommendation>(path, request);
  return example(
    path,
    request,
    '{summary, options: (.inference.options | map({(.optionId): .costPerMonth.amount}) | add), runnerUpWins: .inference.runnerUp.breakEvens, whyNotTheT4: .leftOut.items[].detail}',
    {
      summary,
      options: Object.fromEntries(
        inference.options.map(({ optionId, costPerMonth }) => [optionId, costPerMonth.amount]),
      ),
      runnerUpWins: inference.runnerUp.breakEvens,
      whyNotTheT4: leftOut.items[0]?.detail,
    },
  );
}

interface Placement {
  readonly stages: readonly {
    readonly explanation: string;
    readonly rejected: readonly {
      readonly siteId: string;
      readonly failures: readonly { readonly detail: string; readonly change?: unknown }[];
    }[];
  }[];
  readonly proof: { readonly status: string; readonly gap: number };
}

export async function bank(): Promise<string> {
  const path = '/v1/deployment-placements';
  const request = {
    components: [
      {
        id: 'chatbot',
        model: 'meta-llama/Llama-3.1-70B',
        requestsPerDay: 2_000_000,
        dataClasses: ['personal', 'financial'],
        sector: 'banking',
        subjectCountries: ['AE'],
      },
    ],
    userGroups: [{ country: 'AE' }],
    sites: [
      { id: 'frankfurt', kind: 'cloud_region', region: 'aws/eu-central-1' },
      { id: 'dubai', kind: 'cloud_region', region: 'azure/uaenorth' },
    ],
  };
  const { stages, proof } = await ask<Placement>(path, request);
  const abroad = stages[0]?.rejected.find(({ siteId }) => siteId === 'frankfurt')?.failures[0];
  return example(
    path,
    request,
    '{explanation: .stages[0].explanation, frankfurt: (first(.stages[0].rejected[] | select(.siteId == "frankfurt")).failures[0] | {detail, change}), proof: (.proof | {status, gap})}',
    {
      explanation: stages[0]?.explanation,
      frankfurt: { detail: abroad?.detail, change: abroad?.change },
      proof: { status: proof.status, gap: proof.gap },
    },
  );
}
