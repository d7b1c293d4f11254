/** The front page of the contract. */
import manifest from '../../../package.json' with { type: 'json' };

export const info = {
  title: 'AI infrastructure planner',
  version: manifest.version,
  summary: 'What AI training and inference cost, which hardware to use and where to run it.',
  description: [
    'Computes cost, speed, memory, energy and carbon of AI training and inference from a catalog of hardware and prices.',
    '',
    '- **Bodies are strict**: no text for numbers, no unknown fields. Every error is a problem document (RFC 9457) that says what to change.',
    '- **Money** is a decimal string with a currency. Other figures carry their unit in their name.',
    '- **Uncertain figures** have p10, p50 and p90, and say where the band comes from.',
    '- **Answers can be replayed**: the request as echoed, with its moment, the catalog revision and the engine version give the same answer again; every default used stands under assumptions.',
    '- Lists of values in answers may grow within v1, and fields may be added; a client must ignore what it does not know.',
  ].join('\n'),
  // In words alone: there is no text of a licence to lead to, and package.json says the same in npm's word for it (UNLICENSED).
  license: { name: 'No licence granted; all rights reserved' },
};

export const tags = [
  { name: 'Estimates', description: 'What training and inference cost, and why.' },
  { name: 'Comparisons', description: 'Answers side by side, and estimates against what they came to.' },
  { name: 'Recommendations', description: 'Which hardware to use, why, and why not the rest.' },
  { name: 'Placements', description: 'Where to run what, lawfully and for least cost.' },
  { name: 'Catalog', description: 'Devices, models, places, offers and prices, at any date or revision.' },
  {
    name: 'Price books',
    description: 'What one buyer pays: private lists, discounts, contracts, exchange rates, hardware bought.',
  },
  { name: 'Price lists', description: 'Price lists in bulk: dry runs, syncs and quarantine.' },
  { name: 'Operations', description: 'Work in the background: how far it is, and stopping it.' },
  { name: 'Access', description: 'Who wrote what.' },
  { name: 'Service', description: 'Health, metrics, the contract and the pages about problems.' },
];
