import { Type } from '@sinclair/typebox';
import { choice, component, list, ref } from '../component.ts';
import { OwnedTermsSchema } from '../purchase.ts';
import { ids } from './constraints.ts';

const purchases = ['on_demand', 'spot', 'committed', 'capacity_block', 'owned'] as const;

const StatedLeadTimeSchema = component(
  'StatedLeadTime',
  {
    days: Type.Number({ minimum: 0, maximum: 10_000, description: 'Days from order to use.', examples: [45] }),
    devices: ids('Devices that the statement is for; all where absent.', 'nvidia-h100-sxm5-80gb'),
    providers: ids('Providers that the statement is for; all where absent.', 'coreweave'),
    purchases: Type.Optional(
      list(choice(purchases, { description: 'A way of paying.' }), {
        description: 'Ways of paying that the statement is for; all where absent.',
        minItems: 1,
        maxItems: 5,
        examples: [['committed', 'capacity_block']],
      }),
    ),
  },
  { description: 'A lead time that you were told.', examples: [{ days: 45, providers: ['coreweave'] }] },
);

export const AcceptedPurchasesSchema = component(
  'AcceptedPurchases',
  {
    accept: Type.Optional(
      list(choice(purchases, { description: 'A way of paying.' }), {
        description:
          'Ways of paying that may win. Where absent: on_demand, and owned too where constraints ask for devices or classes that nobody rents out (boards, phones, laptops). spot says that interruptions are tolerated. The others are worked out too, to say what they would save.',
        minItems: 1,
        maxItems: 5,
        examples: [['on_demand', 'committed']],
      }),
    ),
    longestCommitmentMonths: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 120,
        description: 'Longest commitment to consider, in months.',
        examples: [12],
      }),
    ),
    owned: Type.Optional(ref(OwnedTermsSchema, { description: 'Terms of owned hardware; needs owned among accept.' })),
    managedPlatforms: Type.Optional(
      Type.Boolean({
        description:
          'Rents of managed platforms (SageMaker, Vertex AI) compete too, and are marked; false where absent, because their price pays for more than the machine.',
        examples: [true],
      }),
    ),
    leadTimes: Type.Optional(
      list(ref(StatedLeadTimeSchema), {
        description: 'Lead times that you were told. The first that fits an option counts, before anything else.',
        minItems: 1,
        maxItems: 100,
      }),
    ),
    ownedLeadTimeDays: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10_000,
        description:
          'Days from the order to the first request of owned hardware; without it those of the offer or of the agreement in a price book count, else what was published of such orders, which is known of few devices.',
        examples: [60],
      }),
    ),
  },
  { description: 'How hardware may be paid for.', examples: [{ accept: ['on_demand', 'committed'] }] },
);
