/** What work at the edge does to its lines, and what the field costs. */
import { Type } from '@sinclair/typebox';
import { decimal, integer, nullableDecimal, nullableNumber, number, text } from '../answer-fields.ts';
import { component, nullable, ref } from '../component.ts';

const EdgeUploadSchema = component(
  'EdgeUpload',
  {
    rawGigabytesPerMonth: number('Data that would be uploaded if the work were done elsewhere, GB a month.', 157_680),
    sentGigabytesPerMonth: number('Data uploaded, GB a month.', 24.3),
    savedGigabytesPerMonth: number('The difference, GB a month; negative where results are larger.', 157_656),
    savedShare: number('Share of the raw data that is not uploaded, 0 to 1.', 0.9998),
    rawMegabitsPerSecondPerLine: number(
      'Uplink that the raw data would need, per unit of a fleet or for the site, Mbit/s.',
      9.6,
    ),
    sentMegabitsPerSecondPerLine: number('Uplink that is needed, Mbit/s.', 0.0015),
    savedUsdPerMonth: nullableDecimal('At the users’ price of data; null where none was given.', '315312.0000'),
  },
  { description: 'Data that need not be sent because the work is done where it arises.' },
);

const EdgeOfflineSchema = component(
  'EdgeOffline',
  {
    hoursAsked: number('Hours asked for.', 8),
    hoursPossible: nullableNumber('Hours the site works alone; null: as long as there is power.', 24),
    backlogGigabytes: number(
      'Data that waits to be sent after the hours offline, GB; per unit of a fleet, else for the site.',
      0.005,
    ),
    fits: nullable(
      Type.Boolean({ description: 'Whether its storage holds that; null where not known.', examples: [true] }),
    ),
    catchUpHours: nullableNumber(
      'Hours until the backlog is sent; null where the line is not known or never free.',
      0.01,
    ),
  },
  { description: 'Work without the wide-area connection.' },
);

const EdgeUpdatesSchema = component(
  'EdgeUpdates',
  {
    perMonth: number('New weights a month.', 1),
    gigabytesPerMonth: number('What that brings to all devices, GB a month; once for each line.', 1.1),
    hoursPerUpdate: nullableNumber('Hours that one update takes on the line; null where the line is not known.', 0.003),
    usdPerMonth: nullableDecimal(
      'Price of that data; null where no price of data is known. Part of the cost.',
      '2.2000',
    ),
  },
  { description: 'Traffic of updates.' },
);

const EdgeFieldSchema = component(
  'EdgeField',
  {
    installationUsdPerMonth: decimal('Installation, spread over the life of the devices, USD a month.', '125.0000'),
    visitsPerYear: nullableNumber('Visits of all devices a year; null where nothing is owned there.', 20),
    visitsUsdPerMonth: decimal('Cost of the visits, USD a month.', '200.0000'),
    linesUsdPerMonth: decimal('Network connections of the devices, without their traffic, USD a month.', '400.0000'),
  },
  { description: 'What devices in the field cost besides themselves.' },
);

export const EdgePlacementSchema = component(
  'EdgePlacement',
  {
    stage: text('Component, or a part of it.', 'threats'),
    siteId: text('Site.', 'robot'),
    devices: integer('Devices of all units together.', 50),
    upload: ref(EdgeUploadSchema),
    offline: Type.Optional(ref(EdgeOfflineSchema, { description: 'Absent where no hours were asked for.' })),
    updates: ref(EdgeUpdatesSchema),
    field: ref(EdgeFieldSchema),
  },
  { description: 'What work at the edge does to its lines, and what the field costs.' },
);
