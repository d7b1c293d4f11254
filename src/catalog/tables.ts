/** Row types of the catalog and access tables (migrations/). numeric arrives as string. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { PaymentOption, PriceCategory, PriceUnit } from '../domain/catalog/offers.ts';
import type { Confidence } from '../domain/catalog/provenance.ts';
import type { EntryKind } from './entry.ts';

export type SourceKind = 'seed' | 'operator' | 'price_list' | 'feed' | 'price_book';
export type EntryState = 'stated' | 'retired' | 'void';
export type AmountState = 'in_force' | 'withdrawn' | 'void';

interface CatalogSourceTable {
  source_key: GeneratedAlways<number>;
  id: string;
  kind: SourceKind;
  precedence: number;
  last_attempt_at: Date | null;
  last_success_at: Date | null;
  last_change_at: Date | null;
  max_age: ColumnType<unknown, string | null | undefined, string | null>;
  last_content_sha256: Buffer | null;
  created_at: Generated<Date>;
}

interface CatalogSourceClassTable {
  source_key: number;
  category: PriceCategory;
  last_success_at: Date;
  last_change_at: Date | null;
}

interface CatalogRevisionTable {
  revision: number;
  committed_at: Date;
  source_key: number;
  actor: string;
  reason: string;
  content_sha256: Buffer;
}

interface CatalogEntryTable {
  kind: EntryKind;
  id: string;
  source_key: number;
  revision: number;
  state: EntryState;
  body: ColumnType<Record<string, unknown> | null, string | null, never>;
}

interface PriceIdentityTable {
  price_key: GeneratedAlways<number>;
  id: string;
  offer_id: string;
  category: PriceCategory;
  term_months: number;
  payment: PaymentOption;
  tier_from: ColumnType<string, number | string, never>;
  unit: PriceUnit;
  revision: number;
}

interface PriceProvenanceTable {
  provenance_key: GeneratedAlways<number>;
  source: string;
  source_date: string | null;
  confidence: Confidence;
  licence: string | null;
  notes: string | null;
  digest: GeneratedAlways<string>;
}

interface PriceAmountTable {
  price_key: number;
  source_key: number;
  currency: string;
  valid_from: ColumnType<Date, Date | string, never>;
  revision: number;
  state: AmountState;
  amount: string | null;
  upfront: string;
  observed_at: ColumnType<Date, Date | string, never>;
  provenance_key: number;
  flags: string[];
  is_open: boolean;
}

interface ApiKeyTable {
  api_key_id: GeneratedAlways<number>;
  tenant: Generated<string>;
  label: string;
  key_sha256: Buffer;
  scopes: string[];
  created_at: Generated<Date>;
  revoked_at: Date | null;
}

interface AuditEventTable {
  audit_event_id: GeneratedAlways<string>;
  at: Generated<Date>;
  actor: string;
  action: string;
  subject: string;
  revision: number | null;
  body_sha256: Buffer | null;
  request_id: string | null;
  tenant: Generated<string>;
}

interface PriceBookTable {
  price_book_key: GeneratedAlways<number>;
  tenant: string;
  id: string;
  source_key: number;
  created_at: Generated<Date>;
}

interface PriceBookVersionTable {
  price_book_key: number;
  revision: number;
  state: 'stated' | 'retired';
  body: ColumnType<Record<string, unknown>, string, never>;
}

export interface Database {
  catalog_source: CatalogSourceTable;
  catalog_source_class: CatalogSourceClassTable;
  catalog_revision: CatalogRevisionTable;
  catalog_entry: CatalogEntryTable;
  price_identity: PriceIdentityTable;
  price_provenance: PriceProvenanceTable;
  price_amount: PriceAmountTable;
  api_key: ApiKeyTable;
  audit_event: AuditEventTable;
  price_book: PriceBookTable;
  price_book_version: PriceBookVersionTable;
}
