import { Type } from '@sinclair/typebox';
import { ACCESS_NETWORK_IDS } from '../../domain/network/index.ts';
import { BEYOND } from '../../domain/placement/request.ts';
import { DATA_CLASSES } from '../../domain/sovereignty/index.ts';
import { choice, component, list, ref, unionComponent } from './component.ts';
import {
  CustomDeviceSchema,
  modelFields,
  OwnedTermsSchema,
  PurchaseSchema,
  percent,
  pinFields,
  positive,
  positiveInteger,
  SurchargesSchema,
  usd,
} from './estimate-selectors.ts';
import { InferenceEstimateRequestSchema } from './inference-request.ts';

const id = (description: string, example: string) =>
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$', description, examples: [example] });
const country = (description: string, example: string) =>
  Type.String({ pattern: '^[A-Z]{2}$', description, examples: [example] });
const share = (description: string, example: number) =>
  Type.Number({ exclusiveMinimum: 0, maximum: 1, description, examples: [example] });
const notNegative = (description: string, maximum: number, example: number) =>
  Type.Number({ minimum: 0, maximum, description, examples: [example] });
const latitude = Type.Optional(
  Type.Number({ minimum: -90, maximum: 90, description: 'Degrees north.', examples: [25.2] }),
);
const longitude = Type.Optional(
  Type.Number({ minimum: -180, maximum: 180, description: 'Degrees east.', examples: [55.3] }),
);
const dataClass = choice(DATA_CLASSES, {
  description: 'Kind of data, as the law names it.',
  examples: ['personal'],
});
const freeZone = Type.Optional(
  Type.String({
    pattern: '^[A-Z]{2}-[A-Z]{2,6}$',
    description: 'Legal zone with data law of its own, for example AE-DIFC, AE-ADGM or QA-QFC.',
    examples: ['AE-DIFC'],
  }),
);

const MeasuredCallSchema = component(
  'MeasuredCall',
  {
    device: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Catalog device id.',
      examples: ['intel-xeon-8380'],
    }),
    millisecondsPerCall: positive('Time of one call alone, ms.', 1e7, 12),
  },
  { description: 'Time of a call as you measured it on a device.' },
);

const FunctionWorkSchema = component(
  'FunctionWork',
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Name shown in the answer.',
      examples: ['tracker'],
    }),
    gigaflopsPerCall: positive('Arithmetic of one call, GFLOP; multiply and add count as two.', 1e9, 0.5),
    memoryGib: Type.Optional(positive('Memory it takes, GiB; 0.5 where absent.', 1e5, 1)),
    serviceVariability: Type.Optional(
      notNegative('Squared coefficient of variation of the time of a call; 0.25 where absent.', 100, 0.25),
    ),
    measured: Type.Optional(
      list(ref(MeasuredCallSchema), { description: 'Measured times, which go before the formula.', maxItems: 50 }),
    ),
  },
  { description: 'A program that is no model.', examples: [{ name: 'tracker', gigaflopsPerCall: 0.5 }] },
);

const { promptTokens, outputTokens, audioSecondsPerRequest, imageSize, denoisingSteps, candidatesPerRequest } =
  InferenceEstimateRequestSchema.properties;
const { traffic, serving, scaling, objectives } = InferenceEstimateRequestSchema.properties;

const workFields = {
  ...modelFields,
  function: Type.Optional(ref(FunctionWorkSchema, { description: 'A program that is no model, instead of one.' })),
  promptTokens,
  outputTokens,
  audioSecondsPerRequest,
  imageSize,
  denoisingSteps,
  candidatesPerRequest,
  serving,
  accuracy: Type.Optional(share('Share of right answers, as you measured it.', 0.93)),
};

const WorkSchema = component('PlacementWork', workFields, {
  description: 'What is computed: exactly one of model, customLanguageModel, customVisionModel and function.',
  examples: [{ model: 'ultralytics/yolov8n' }],
});

const VariantSchema = component(
  'PlacementVariant',
  { id: id('Name of the variant.', 'int8'), ...workFields },
  { description: 'Another way to do the same work: quantized, distilled, pruned or another model.' },
);

const LatencyBudgetSchema = component(
  'LatencyBudget',
  {
    milliseconds: positive('Time from the user and back, ms: access network, wide area, queue and service.', 1e8, 800),
    percentile: Type.Optional(choice(['p50', 'p95', 'p99'], { description: 'p95 where absent.', examples: ['p95'] })),
    measure: Type.Optional(
      choice(['end_to_end', 'time_to_first_token'], {
        description: 'Whole answer, where absent, or the first token of a language model.',
        examples: ['end_to_end'],
      }),
    ),
  },
  { description: 'How long users may wait.', examples: [{ milliseconds: 800 }] },
);

const SplitByUserGroupSchema = component(
  'SplitByUserGroup',
  { kind: Type.Literal('by_user_group', { description: 'Each user group may have a place of its own.' }) },
  { description: 'Each user group is served from a place of its own choice, under its own law.' },
);

const SplitByLoadSchema = component(
  'SplitByLoad',
  {
    kind: Type.Literal('by_load', { description: 'Parts of the load in several places.' }),
    mostPlaces: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 5, description: 'Places at most; 2 where absent.', examples: [2] }),
    ),
    leastShare: Type.Optional(share('Smallest part worth a place; 0.1 where absent.', 0.1)),
  },
  { description: 'The load is divided: 10, 25, 50, 75 or 90 % in a place.' },
);

const HardCasePointSchema = component(
  'HardCasePoint',
  {
    hardShare: share('Part of the requests passed on.', 0.08),
    accuracy: share('Share of right answers of both together, as you measured it.', 0.96),
  },
  { description: 'One threshold of confidence: how much is passed on, and how accurate both are together.' },
);

const SplitHardCasesSchema = component(
  'SplitHardCases',
  {
    kind: Type.Literal('hard_cases', { description: 'A small model answers what is easy.' }),
    small: ref(WorkSchema, { description: 'Sees every request and passes on the hard ones.' }),
    points: list(ref(HardCasePointSchema), {
      description: 'Thresholds to choose among; that the large model does everything is considered too.',
      minItems: 1,
      maxItems: 8,
    }),
    hardRequestKilobytes: Type.Optional(
      notNegative(
        'What leaves the place of the small model per hard case, KB; requestKilobytes where absent.',
        1e9,
        40,
      ),
    ),
    hardDataClasses: Type.Optional(
      list(dataClass, { description: 'Data classes of what leaves, for example after redaction.', maxItems: 8 }),
    ),
  },
  { description: 'A small model, and the component’s own for the hard cases.' },
);

const SplitSchema = unionComponent(
  'PlacementSplit',
  'kind',
  [SplitByUserGroupSchema, SplitByLoadSchema, SplitHardCasesSchema],
  { description: 'How a component may be divided over places.' },
);

const PlacementComponentSchema = component(
  'PlacementComponent',
  {
    id: id('Name of the component.', 'chat'),
    ...workFields,
    requestsPerDay: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e13,
      description: 'Calls a day.',
      examples: [100_000],
    }),
    traffic,
    objectives,
    scaling,
    requestKilobytes: Type.Optional(notNegative('Sent by users per request, KB; 0 where absent.', 1e9, 200)),
    responseKilobytes: Type.Optional(notNegative('Sent back per request, KB; 0 where absent.', 1e9, 4)),
    latency: Type.Optional(ref(LatencyBudgetSchema, { description: 'How long users may wait.' })),
    dataClasses: Type.Optional(
      list(dataClass, {
        description: 'What the data is; personal where absent.',
        maxItems: 8,
        examples: [['personal']],
      }),
    ),
    subjectCountries: Type.Optional(
      list(country('ISO 3166-1 alpha-2.', 'AE'), {
        description: 'Countries of those the data is about; those of the users where absent.',
        maxItems: 50,
      }),
    ),
    sector: Type.Optional(
      Type.String({
        pattern: '^[a-z][a-z-]{1,39}$',
        description:
          'Trade of the organization, for laws of one trade: banking, payments, insurance, securities, health, telecom. Where absent all of them bind.',
        examples: ['banking'],
      }),
    ),
    holdsRecords: Type.Optional(
      Type.Boolean({
        description: 'The system of record is kept there, not only a copy in use; false where absent.',
        examples: [false],
      }),
    ),
    freeZone,
    offlineToleranceHours: Type.Optional(notNegative('Hours it must work without a wide-area connection.', 87_600, 24)),
    accuracyFloor: Type.Optional(share('Least share of right answers.', 0.9)),
    availability: Type.Optional(
      Type.Number({
        minimum: 0.5,
        maximum: 0.9999999,
        description: 'Share of time it must be reachable; more places are used where one is not enough.',
        examples: [0.9999],
      }),
    ),
    interruptible: Type.Optional(
      Type.Boolean({ description: 'Spot capacity may carry it; false where absent.', examples: [false] }),
    ),
    variants: Type.Optional(list(ref(VariantSchema), { description: 'Other ways to do the work.', maxItems: 8 })),
    split: Type.Optional(ref(SplitSchema, { description: 'How it may be divided.' })),
    sites: Type.Optional(list(Type.String({ maxLength: 100 }), { description: 'Only these sites.', maxItems: 200 })),
    devices: Type.Optional(
      list(Type.String({ maxLength: 100 }), { description: 'Only these devices.', maxItems: 200 }),
    ),
  },
  {
    description: 'Something to be placed.',
    examples: [{ id: 'chat', model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 100_000 }],
  },
);

const EdgeSchema = component(
  'ComponentEdge',
  {
    from: id('Component that calls.', 'detect'),
    to: id('Component that is called.', 'forensics'),
    callsPerDay: positive('Calls a day.', 1e13, 20_000),
    requestKilobytes: notNegative('Sent per call, KB.', 1e9, 40),
    responseKilobytes: Type.Optional(notNegative('Sent back per call, KB; 0 where absent.', 1e9, 1)),
  },
  { description: 'Traffic between two components; it costs where it leaves a provider’s region.' },
);

const PathSchema = component(
  'LatencyPath',
  {
    components: list(id('Component.', 'detect'), {
      description: 'In the order they are called.',
      minItems: 2,
      maxItems: 12,
    }),
    milliseconds: positive('p95 of the whole chain, ms; the parts are added as if all were slow together.', 1e8, 400),
  },
  { description: 'A chain of calls with a budget for the whole.' },
);

const UserGroupSchema = component(
  'UserGroup',
  {
    id: Type.Optional(id('Name; the country where absent.', 'dubai')),
    country: country('Where the users are.', 'AE'),
    latitude,
    longitude,
    accessNetwork: Type.Optional(
      choice(ACCESS_NETWORK_IDS, { description: 'How they are connected; fibre where absent.', examples: ['lte'] }),
    ),
    share: Type.Optional(share('Part of the load; equal parts where absent.', 0.6)),
    units: Type.Optional(
      positiveInteger(
        'Separate things (cameras, robots, vehicles), each of which may carry a device.',
        10_000_000,
        200,
      ),
    ),
    uplinkUsdPerGb: Type.Optional(
      notNegative('Price of their data connection, USD per GB; 0 where absent.', 1000, 0.5),
    ),
  },
  { description: 'Users, or the things that send requests.', examples: [{ country: 'AE', accessNetwork: 'lte' }] },
);

const SiteDeviceSchema = component(
  'SiteDevice',
  {
    device: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Catalog device id.',
        examples: ['nvidia-jetson-agx-orin-64gb'],
      }),
    ),
    customDevice: Type.Optional(ref(CustomDeviceSchema, { description: 'A device of your own, instead.' })),
    stock: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1e9, description: 'Devices to be had; per unit in a fleet.', examples: [4] }),
    ),
    leadTimeDays: Type.Optional(notNegative('Days until they are there.', 3650, 45)),
    purchase: Type.Optional(
      ref(PurchaseSchema, { description: 'How they are paid for; owned where absent, on demand in cloud regions.' }),
    ),
    powerLimitWatts: Type.Optional(positive('What a device may draw, W: its power mode.', 1e5, 30)),
  },
  { description: 'A kind of device at a site.', examples: [{ device: 'nvidia-jetson-agx-orin-64gb', stock: 1 }] },
);

const PlacementSiteSchema = component(
  'PlacementSite',
  {
    id: id('Name of the site.', 'depot'),
    kind: Type.Optional(
      choice(['device_fleet', 'edge_box', 'room', 'colocation', 'cloud_region'], {
        description:
          'Devices on things, a box with the users, a room of your own, hired space, or a region of a cloud, which it is where absent beside a region.',
        examples: ['edge_box'],
      }),
    ),
    region: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Catalog region id, with cloud_region.',
        examples: ['azure/uaenorth'],
      }),
    ),
    country: Type.Optional(country('That of the first user group where absent.', 'AE')),
    latitude,
    longitude,
    freeZone,
    operatorCountry: Type.Optional(
      country('Nationality of the operator; that of the site or of the provider’s seat where absent.', 'AE'),
    ),
    backupCountry: Type.Optional(country('Where backups go; that of the site where absent.', 'AE')),
    logCountry: Type.Optional(country('Where logs go; that of the site where absent.', 'AE')),
    units: Type.Optional(positiveInteger('Things that carry devices, with device_fleet.', 10_000_000, 200)),
    userGroups: Type.Optional(
      list(Type.String({ maxLength: 80 }), {
        description:
          'User groups on whose side of the wide-area network it stands; those of the country where absent, none for colocation and clouds.',
        maxItems: 50,
      }),
    ),
    devices: Type.Optional(
      list(ref(SiteDeviceSchema), {
        description: 'What it has or can take; all that are priced there in cloud regions where absent.',
        maxItems: 50,
      }),
    ),
    powerKilowatts: Type.Optional(positive('Power for IT and cooling, kW.', 1e6, 120)),
    rackKilowatts: Type.Optional(positive('Power of one rack, kW.', 10_000, 30)),
    racks: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, description: 'Free racks.', examples: [4] })),
    coolingClass: Type.Optional(
      choice(['air', 'rear_door', 'direct_liquid', 'full_liquid'], {
        description: 'Best cooling it has.',
        examples: ['air'],
      }),
    ),
    ambientCelsius: Type.Optional(
      Type.Number({ minimum: -60, maximum: 85, description: 'Hottest air around the devices, °C.', examples: [45] }),
    ),
    fullPowerAmbientCelsius: Type.Optional(
      Type.Number({
        minimum: -60,
        maximum: 85,
        description: 'Hottest air at which the enclosure sustains full power, °C; 40 where absent.',
        examples: [50],
      }),
    ),
    throttleCelsius: Type.Optional(
      Type.Number({
        minimum: 40,
        maximum: 125,
        description: 'Chip temperature at which devices slow down, °C; 95 where absent.',
        examples: [95],
      }),
    ),
    installationUsdPerDevice: Type.Optional(
      notNegative('Putting an owned device in the field into place, USD.', 1e5, 150),
    ),
    visitsPerDeviceYear: Type.Optional(notNegative('Visits on site per device and year.', 365, 0.4)),
    usdPerVisit: Type.Optional(notNegative('A visit on site, USD.', 1e5, 120)),
    connectivityUsdPerDeviceMonth: Type.Optional(notNegative('Line of a device, USD a month.', 1e4, 8)),
    pue: Type.Optional(
      Type.Number({ minimum: 1, maximum: 5, description: 'Facility power over IT power.', examples: [1.5] }),
    ),
    gridGramsCo2ePerKwh: Type.Optional(notNegative('Carbon intensity of its electricity.', 5000, 450)),
    electricityUsdPerKwh: Type.Optional(notNegative('Electricity price of owned hardware.', 10, 0.11)),
    usdPerMonth: Type.Optional(usd('Line, room and gateway once the site is used, USD a month.', '250')),
    egressUsdPerGb: Type.Optional(notNegative('Traffic that leaves it, USD per GB.', 1000, 0.05)),
    leadTimeDays: Type.Optional(notNegative('Days until the site is ready.', 3650, 30)),
    islandHours: Type.Optional(
      notNegative('Hours it works without its wide-area connection; without limit where absent.', 87_600, 72),
    ),
    availability: Type.Optional(
      Type.Number({ minimum: 0.5, maximum: 0.9999999, description: 'Share of time it is up.', examples: [0.999] }),
    ),
  },
  {
    description: 'A place where components may run.',
    examples: [{ id: 'uae', kind: 'cloud_region', region: 'azure/uaenorth' }],
  },
);

const QuotaSchema = component(
  'PlacementQuota',
  {
    device: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Catalog device id.',
      examples: ['nvidia-h100-sxm5-80gb'],
    }),
    site: Type.Optional(
      Type.String({ maxLength: 100, description: 'Only at this site.', examples: ['azure/uaenorth'] }),
    ),
    provider: Type.Optional(Type.String({ maxLength: 50, description: 'Only at this provider.', examples: ['azure'] })),
    mostDevices: Type.Integer({ minimum: 0, maximum: 1e9, description: 'Devices at most.', examples: [16] }),
  },
  { description: 'A limit on devices of a kind.' },
);

const PoliciesSchema = component(
  'PlacementPolicies',
  {
    countries: Type.Optional(
      list(country('ISO 3166-1 alpha-2.', 'AE'), { description: 'Only sites in these countries.', maxItems: 250 }),
    ),
    operatorCountries: Type.Optional(
      list(country('ISO 3166-1 alpha-2.', 'AE'), { description: 'Only operators of these countries.', maxItems: 250 }),
    ),
    excluded: Type.Optional(
      list(Type.String({ maxLength: 100 }), {
        description: 'Sites, regions or providers not to be used.',
        maxItems: 200,
      }),
    ),
    leastSites: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 20, description: 'Different sites at least.', examples: [2] }),
    ),
    leastCountries: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 20, description: 'Different countries at least.', examples: [2] }),
    ),
    budgetUsdPerMonth: Type.Optional(usd('Most the whole may cost a month, USD.', '50000')),
    carbonKilogramsPerMonth: Type.Optional(
      positive('Most the whole may emit a month, kg CO2e, manufacture included.', 1e12, 2000),
    ),
    readyWithinDays: Type.Optional(notNegative('Days until everything must run, approvals included.', 3650, 60)),
    quotas: Type.Optional(list(ref(QuotaSchema), { description: 'Limits on devices.', maxItems: 50 })),
    purchases: Type.Optional(
      list(ref(PurchaseSchema), {
        description: 'Ways to pay that are considered in cloud regions; on demand where absent.',
        minItems: 1,
        maxItems: 6,
      }),
    ),
    owned: Type.Optional(ref(OwnedTermsSchema, { description: 'Terms of owned hardware.' })),
    acceptSafeguards: Type.Optional(
      Type.Boolean({ description: 'Go where the law asks for a safeguard; true where absent.', examples: [true] }),
    ),
    acceptApprovals: Type.Optional(
      Type.Boolean({
        description: 'Rest the plan on approvals of authorities that are still to be had; false where absent.',
        examples: [false],
      }),
    ),
    acceptNeedsCounsel: Type.Optional(
      Type.Boolean({ description: 'Go where only counsel can say; false where absent.', examples: [false] }),
    ),
    exportLicence: Type.Optional(
      Type.Boolean({
        description: 'A licence of the US Bureau of Industry and Security covers the hardware; false where absent.',
        examples: [false],
      }),
    ),
    endUserCountry: Type.Optional(country('Seat of the parent company of the end user, for export rules.', 'AE')),
    surcharges: Type.Optional(ref(SurchargesSchema, { description: 'Support, licences, tax and duty.' })),
  },
  { description: 'What holds for the whole.', examples: [{ countries: ['AE'], readyWithinDays: 60 }] },
);

const LimitsSchema = component(
  'SearchLimits',
  {
    nodes: Type.Optional(positiveInteger('Nodes of the branch and bound; 50,000 where absent.', 10_000_000, 50_000)),
    simplexIterations: Type.Optional(
      positiveInteger('Simplex iterations; 400,000 where absent.', 100_000_000, 400_000),
    ),
    gapPercent: Type.Optional(
      percent('Stop when the plan is proved within this of the least cost; 0.1 where absent.', 0.1),
    ),
  },
  {
    description: 'Counted work after which the search stops: the same question gives the same plan.',
    examples: [{ gapPercent: 1 }],
  },
);

export const PlacementRequestSchema = component(
  'DeploymentPlacementRequest',
  {
    components: list(ref(PlacementComponentSchema), {
      description: 'What is to be placed.',
      minItems: 1,
      maxItems: 100,
    }),
    edges: Type.Optional(list(ref(EdgeSchema), { description: 'Traffic between components.', maxItems: 400 })),
    paths: Type.Optional(list(ref(PathSchema), { description: 'Chains of calls with a budget.', maxItems: 50 })),
    userGroups: list(ref(UserGroupSchema), { description: 'Who uses it, and from where.', minItems: 1, maxItems: 50 }),
    sites: Type.Optional(
      list(ref(PlacementSiteSchema), {
        description: 'Where it may run; every priced region of the catalog and edge devices at the users where absent.',
        minItems: 1,
        maxItems: 100,
      }),
    ),
    policies: Type.Optional(ref(PoliciesSchema, { description: 'What holds for the whole.' })),
    include: Type.Optional(
      list(choice(BEYOND, { description: 'What to answer beyond the plan.', examples: ['pareto'] }), {
        description:
          'pareto: the front of cost against carbon and latency. insist: the price of other options. flips: what would change the plan. failover: the plan without each of its sites.',
        maxItems: 4,
        examples: [['flips']],
      }),
    ),
    limits: Type.Optional(ref(LimitsSchema, { description: 'Where the search stops.' })),
    ...pinFields,
  },
  {
    description: 'A placement question. Components with their load and the country of the users are enough.',
    examples: [
      {
        components: [{ id: 'chat', model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 100_000 }],
        userGroups: [{ country: 'AE' }],
      },
    ],
  },
);
