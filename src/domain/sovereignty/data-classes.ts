/** Kinds of data that rules tell apart. Health and financial records of customers are personal data, too. */
export const DATA_CLASSES = [
  'public',
  'non-personal',
  'personal',
  'sensitive-personal',
  'health',
  'financial',
  'payment',
  'government',
  'government-public',
  'government-confidential',
  'government-secret',
  'government-top-secret',
  'critical',
] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

const PARENTS: Readonly<Partial<Record<DataClass, DataClass>>> = {
  'sensitive-personal': 'personal',
  health: 'sensitive-personal',
  financial: 'personal',
  payment: 'financial',
  'government-public': 'government',
  'government-confidential': 'government',
  'government-secret': 'government',
  'government-top-secret': 'government',
};

export const isDataClass = (name: string): name is DataClass => (DATA_CLASSES as readonly string[]).includes(name);

/** The class itself, then what it is a kind of: payment, financial, personal. */
export function lineage(dataClass: DataClass): readonly DataClass[] {
  const parent = PARENTS[dataClass];
  return parent === undefined ? [dataClass] : [dataClass, ...lineage(parent)];
}
