/** A placement question as the caller asks it. Components and their load are enough; everything else has a default. */
import type { CoolingClass } from '../energy/pue.ts';
import type {
  CustomDevice,
  CustomLanguageModel,
  CustomVisionModel,
  OwnedTerms,
  Purchase,
  Surcharges,
} from '../estimate/selectors.ts';
import type { Objectives, Scaling, Serving, TokenLengths, Traffic } from '../inference/request.ts';
import type { UserDevices } from '../inference/user-devices/user-devices.ts';
import type { TrainingRequest } from '../training/request.ts';

/** A program that is no model: so much arithmetic per call, or as measured on devices. */
export interface FunctionWork {
  readonly name: string;
  /** Arithmetic of one call, GFLOP. */
  readonly gigaflopsPerCall: number;
  readonly memoryGib?: number;
  /** Squared coefficient of variation of the time of a call. */
  readonly serviceVariability?: number;
  /** Times measured on devices go before the formula. */
  readonly measured?: readonly { readonly device: string; readonly millisecondsPerCall: number }[];
}

/** What is to be computed: one of a model or a function. */
export interface Work {
  readonly model?: string;
  readonly customLanguageModel?: CustomLanguageModel;
  readonly customVisionModel?: CustomVisionModel;
  readonly function?: FunctionWork;
  readonly promptTokens?: TokenLengths;
  readonly outputTokens?: TokenLengths;
  readonly audioSecondsPerRequest?: number;
  readonly imageSize?: { readonly width: number; readonly height: number };
  readonly denoisingSteps?: number;
  readonly candidatesPerRequest?: number;
  readonly serving?: Serving;
  /** Share of right answers, 0 to 1, as the caller measured it. */
  readonly accuracy?: number;
}

interface Variant extends Work {
  readonly id: string;
}

/** Runs of training: the component's model learns. `requestsPerDay` counts the runs. */
export interface TrainingJob
  extends Pick<
    TrainingRequest,
    | 'tokens'
    | 'images'
    | 'audioHours'
    | 'method'
    | 'loraRank'
    | 'optimizer'
    | 'sequenceLength'
    | 'globalBatchTokens'
    | 'precision'
  > {
  /** A run must end within so many hours; before the next begins where absent. */
  readonly deadlineHours?: number;
}

export type Percentile = 'p50' | 'p95' | 'p99';

interface LatencyBudget {
  readonly milliseconds: number;
  readonly percentile?: Percentile;
  /** Language models: whole answer, or time to first token. */
  readonly measure?: 'end_to_end' | 'time_to_first_token';
}

/** How a component may be divided over places. */
type Split =
  | { readonly kind: 'by_user_group' }
  | {
      readonly kind: 'by_load';
      readonly mostPlaces?: number;
      /** Smallest share of the load worth a place of its own, 0 to 1. */
      readonly leastShare?: number;
    }
  | {
      readonly kind: 'hard_cases';
      /** Sees every request and decides which are hard; the component's own work answers those. */
      readonly small: Work;
      readonly points: readonly { readonly hardShare: number; readonly accuracy: number }[];
      /** What leaves the place of the small model for a hard case; the component's request size where absent. */
      readonly hardRequestKilobytes?: number;
      /** Data classes of what leaves, for example after redaction; the component's where absent. */
      readonly hardDataClasses?: readonly string[];
    };

export interface PlacementComponent extends Work {
  readonly id: string;
  /** Calls a day; of a training job the runs a day. */
  readonly requestsPerDay: number;
  readonly traffic?: Traffic;
  readonly objectives?: Objectives;
  readonly scaling?: Scaling;
  readonly requestKilobytes?: number;
  readonly responseKilobytes?: number;
  readonly latency?: LatencyBudget;
  readonly dataClasses?: readonly string[];
  /** ISO 3166-1 alpha-2 of the people or bodies that the data is about. */
  readonly subjectCountries?: readonly string[];
  /** Trade of the controller where a law is for one trade only: "banking", "insurance", "telecom". */
  readonly sector?: string;
  /** The system of record is kept there, not only a copy in use. */
  readonly holdsRecords?: boolean;
  /** Legal zone the controller belongs to, for example "AE-DIFC". */
  readonly freeZone?: string;
  readonly offlineToleranceHours?: number;
  /** New weights sent to devices in the field. */
  readonly updatesPerMonth?: number;
  /** Least share of right answers, 0 to 1. */
  readonly accuracyFloor?: number;
  /** Share of time the component must be reachable; more than one place is used where one is not enough. */
  readonly availability?: number;
  /** Work may be interrupted: spot capacity may carry it. */
  readonly interruptible?: boolean;
  readonly training?: TrainingJob;
  readonly variants?: readonly Variant[];
  readonly split?: Split;
  /** Only these sites or devices. */
  readonly sites?: readonly string[];
  readonly devices?: readonly string[];
}

export interface ComponentEdge {
  readonly from: string;
  readonly to: string;
  readonly callsPerDay: number;
  readonly requestKilobytes: number;
  readonly responseKilobytes?: number;
}

/** A chain of calls whose times add up. */
export interface LatencyPath {
  readonly components: readonly string[];
  readonly milliseconds: number;
}

export interface UserGroup {
  readonly id?: string;
  readonly country: string;
  readonly latitude?: number;
  readonly longitude?: number;
  /** Access network id, for example "4g" or "fibre". */
  readonly accessNetwork?: string;
  /** Part of the load; equal parts where absent. */
  readonly share?: number;
  /** Separate things or places (cameras, robots, vehicles), each of which may carry a device of its own. */
  readonly units?: number;
  /** Price of data on the way up, USD per GB. */
  readonly uplinkUsdPerGb?: number;
}

export type SiteKind = 'device_fleet' | 'edge_box' | 'room' | 'colocation' | 'cloud_region';

export interface SiteDevice {
  readonly device?: string;
  readonly customDevice?: CustomDevice;
  /** Devices there are or can be had. */
  readonly stock?: number;
  readonly leadTimeDays?: number;
  readonly purchase?: Purchase;
  /** They belong to the users and cost the operator nothing; only with kind device_fleet. */
  readonly userDevices?: Omit<UserDevices, 'count'>;
  /** Power mode: what the device may draw, W; the mode that the power of the site feeds where absent. */
  readonly powerLimitWatts?: number;
}

export interface Site {
  readonly id: string;
  readonly kind: SiteKind;
  /** Catalog region, with kind cloud_region. */
  readonly region?: string;
  readonly country?: string;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly freeZone?: string;
  readonly operatorCountry?: string;
  readonly backupCountry?: string;
  readonly logCountry?: string;
  /** Things that carry a device each, with kind device_fleet. */
  readonly units?: number;
  /** User groups on whose side of the wide-area network it stands. */
  readonly userGroups?: readonly string[];
  readonly devices?: readonly SiteDevice[];
  readonly powerKilowatts?: number;
  readonly rackKilowatts?: number;
  readonly racks?: number;
  readonly coolingClass?: CoolingClass;
  readonly ambientCelsius?: number;
  /** Of the enclosure: the hottest air at full power, and the chip at which it slows down. */
  readonly fullPowerAmbientCelsius?: number;
  readonly throttleCelsius?: number;
  /** Of owned devices in the field. */
  readonly installationUsdPerDevice?: number;
  readonly visitsPerDeviceYear?: number;
  readonly usdPerVisit?: number;
  readonly connectivityUsdPerDeviceMonth?: number;
  readonly pue?: number;
  readonly gridGramsCo2ePerKwh?: number;
  readonly electricityUsdPerKwh?: number;
  /** Line, room, gateway: what the site costs a month once it is used, decimal string. */
  readonly usdPerMonth?: string;
  readonly egressUsdPerGb?: number;
  readonly leadTimeDays?: number;
  /** Hours it works without its wide-area connection. */
  readonly islandHours?: number;
  /** What it keeps while its connection is away, GB; of each unit of a fleet. */
  readonly storageGigabytes?: number;
  readonly availability?: number;
}

interface Quota {
  readonly device: string;
  readonly site?: string;
  readonly provider?: string;
  readonly mostDevices: number;
}

export interface Policies {
  readonly operatorCountries?: readonly string[];
  /** Providers or sites that must not be used. */
  readonly excluded?: readonly string[];
  readonly countries?: readonly string[];
  readonly leastSites?: number;
  readonly leastCountries?: number;
  /** Decimal string. */
  readonly budgetUsdPerMonth?: string;
  readonly carbonKilogramsPerMonth?: number;
  readonly readyWithinDays?: number;
  readonly quotas?: readonly Quota[];
  /** Ways to pay that are considered in cloud regions. */
  readonly purchases?: readonly Purchase[];
  readonly owned?: OwnedTerms;
  /** Go on where the law cannot be decided without counsel. */
  readonly acceptNeedsCounsel?: boolean;
  /** Rest the plan on approvals of authorities that are still to be had. */
  readonly acceptApprovals?: boolean;
  /** False: only what is allowed without a safeguard. */
  readonly acceptSafeguards?: boolean;
  /** US export rules: what the hardware is for, and licences held. */
  readonly exportLicence?: boolean;
  /** Seat of the end user's ultimate parent company. */
  readonly endUserCountry?: string;
  readonly surcharges?: Surcharges;
}

export const BEYOND = ['pareto', 'insist', 'flips', 'failover'] as const;
export type Beyond = (typeof BEYOND)[number];

export interface Limits {
  readonly nodes?: number;
  readonly simplexIterations?: number;
  readonly gapPercent?: number;
}

export interface PlacementRequest {
  readonly components: readonly PlacementComponent[];
  readonly edges?: readonly ComponentEdge[];
  readonly paths?: readonly LatencyPath[];
  readonly userGroups: readonly UserGroup[];
  readonly sites?: readonly Site[];
  readonly policies?: Policies;
  readonly include?: readonly Beyond[];
  readonly limits?: Limits;
}
