/** Work not done twice, or elsewhere: caches of prompts and answers, drafts, pools of their own, requests answered at the edge. */
import { resolveServedModel } from '../../estimate/resolve-model.ts';
import { significant } from '../../estimate/words.ts';
import { draftCostFraction } from './drafting.ts';
import {
  COMPUTED,
  isLanguage,
  never,
  type Optimization,
  type OptionContext,
  SAME_ANSWERS,
  unchanged,
  withServing,
} from './option.ts';

/** DeepSeek in production; the caller's own rate replaces it. */
export const ASSUMED_PREFIX_HITS = 0.563;
const ASSUMED_RESPONSE_HITS = 0.31;
const ASSUMED_EDGE_SHARE = 0.3;
export const DRAFT_TOKENS = 3;
/** Acceptance length 2.52 at three drafted tokens. */
export const ASSUMED_ACCEPTED = 1.52;

export function speculation({ snapshot, request, wishes }: Pick<OptionContext, 'snapshot' | 'request' | 'wishes'>) {
  const draftTokens = Math.max(DRAFT_TOKENS, Math.ceil(wishes.acceptedDraftTokens ?? 0));
  const model = resolveServedModel(snapshot, request);
  if (model.kind !== 'language') throw new Error('Only language models write token by token.');
  return {
    draftTokens,
    acceptedTokens: wishes.acceptedDraftTokens ?? ASSUMED_ACCEPTED,
    draftCostFraction: draftCostFraction(model.architecture, draftTokens),
  };
}

const PREFIX_CACHING: Optimization = {
  id: 'caching.prefix',
  label: 'Prefix caching',
  group: 'prefix_cache',
  effect: 'computed',
  effectSource: `${COMPUTED}; hit rate of the request, or 0.563 as DeepSeek reports from production (2025-03)`,
  quality: SAME_ANSWERS,
  precondition: 'Prompts that begin alike: system prompts, documents, conversations. Routing must keep them together.',
  rests: ({ request }) => request.traffic?.prefixCacheHitRate === undefined,
  applied: ({ request }) => (request.traffic?.prefixCacheHitRate ?? 0) > 0,
  obstacle: (context) => {
    if (!isLanguage(context)) return 'Only language models read prompts again.';
    return context.request.traffic?.prefixCacheHitRate === 0 ? 'The request says that prompts share nothing.' : null;
  },
  apply: (trial, { request }) => ({
    ...trial,
    request: {
      ...trial.request,
      traffic: {
        ...trial.request.traffic,
        prefixCacheHitRate: request.traffic?.prefixCacheHitRate ?? ASSUMED_PREFIX_HITS,
      },
    },
  }),
  remove: (trial) => ({
    ...trial,
    request: { ...trial.request, traffic: { ...trial.request.traffic, prefixCacheHitRate: 0 } },
  }),
  changes: () => [{ field: '/traffic/prefixCacheHitRate', to: ASSUMED_PREFIX_HITS }],
};

const RESPONSE_CACHING: Optimization = {
  id: 'caching.response',
  label: 'Caching of whole answers',
  group: 'response_cache',
  effect: 'computed',
  effectSource: `${COMPUTED}, without the requests that the cache answers: the rate given, or 31 % as MeanCache found of repeated queries (arXiv 2403.02694)`,
  quality: {
    low: 97,
    typical: 99,
    high: 100,
    source: 'GPT Semantic Cache (arXiv 2411.05276): over 97 % of hits are right; exact matches lose nothing',
  },
  precondition: 'Questions that come again and answers that do not depend on the person or the hour.',
  rests: ({ wishes }) => wishes.responseCacheHitRate === undefined,
  applied: never,
  obstacle: ({ wishes }) =>
    wishes.responseCacheHitRate === 0 ? 'The request says that no request comes again.' : null,
  apply: (trial, { wishes }) => ({
    ...trial,
    servedShare: trial.servedShare * (1 - (wishes.responseCacheHitRate ?? ASSUMED_RESPONSE_HITS)),
  }),
  remove: unchanged,
  changes: ({ request, wishes }) => [
    {
      field: '/requestsPerDay',
      to: request.requestsPerDay * (1 - (wishes.responseCacheHitRate ?? ASSUMED_RESPONSE_HITS)),
    },
  ],
};

const SPECULATION: Optimization = {
  id: 'speculative_decoding',
  label: 'Speculative decoding',
  group: 'speculation',
  effect: 'computed',
  effectSource: `${COMPUTED}; accepted tokens of the request, or 1.52 of 3 as SemiAnalysis InferenceX measured on Qwen3.8-27B with multi-token prediction; drafting costs what 30 measured pairs on Llama 3.1 8B say of a drafter of one layer`,
  quality: { ...SAME_ANSWERS, source: 'the accepted tokens are those the model would have written' },
  precondition: 'A draft model or heads trained for this model, and batches small enough that arithmetic stands idle.',
  rests: ({ wishes, request }) =>
    wishes.acceptedDraftTokens === undefined && request.serving?.speculative === undefined,
  applied: ({ request }) => request.serving?.speculative !== undefined,
  obstacle: (context) => (isLanguage(context) ? null : 'Only language models write token by token.'),
  apply: (trial, context) => withServing(trial, { speculative: speculation(context) }),
  remove: (trial) => {
    const { speculative: _speculative, ...serving } = trial.request.serving ?? {};
    return { ...trial, request: { ...trial.request, serving } };
  },
  changes: (context) => {
    const { draftTokens, acceptedTokens, draftCostFraction } = speculation(context);
    return [
      { field: '/serving/speculative/draftTokens', to: draftTokens },
      { field: '/serving/speculative/acceptedTokens', to: acceptedTokens },
      { field: '/serving/speculative/draftCostFraction', to: draftCostFraction },
    ];
  },
};

export const DISAGGREGATION: Optimization = {
  id: 'disaggregation',
  label: 'Prefill and decode on replicas of their own',
  group: 'disaggregation',
  effect: 'computed',
  effectSource: `${COMPUTED}; 0.9 and 0.92 of the rates of the two pools usable (aiconfigurator)`,
  quality: SAME_ANSWERS,
  precondition: 'Several replicas and a fast network between them; worth it where prompts stall the tokens of others.',
  rests: never,
  applied: ({ request }) => request.serving?.disaggregated === true,
  obstacle: (context) => (isLanguage(context) ? null : 'Only language models read prompts and write tokens apart.'),
  apply: (trial) => withServing(trial, { disaggregated: true }),
  remove: (trial) => {
    const { disaggregated: _disaggregated, ...serving } = trial.request.serving ?? {};
    return { ...trial, request: { ...trial.request, serving } };
  },
  changes: () => [{ field: '/serving/disaggregated', to: true }],
  remark: ({ deployment: { pools } }) =>
    pools &&
    `Of the replicas, ${pools.prefillReplicas} would read prompts and ${pools.decodeReplicas} write; moving the KV cache adds ${significant(pools.kvTransferMs)} ms.`,
};

export const EDGE_OFFLOAD: Optimization = {
  id: 'edge_offload',
  label: 'Easy requests answered on the device of the user',
  group: 'edge',
  effect: 'computed',
  effectSource: `${COMPUTED}, without the requests answered at the edge: the share given, or 30 % (judgement)`,
  quality: {
    low: 93,
    typical: 98,
    high: 100,
    source:
      'Ong et al. 2024, RouteLLM (arXiv 2406.18665): 95 % of the stronger model kept with half to three quarters of requests routed away; scaled to the share',
  },
  precondition: 'A small model on the devices of the users, and a router that knows which requests are easy.',
  rests: ({ wishes }) => wishes.edgeOffloadShare === undefined,
  applied: never,
  obstacle: ({ wishes }) =>
    wishes.edgeOffloadShare === 0 ? 'The request says that nothing can be answered there.' : null,
  apply: (trial, { wishes }) => ({
    ...trial,
    servedShare: trial.servedShare * (1 - (wishes.edgeOffloadShare ?? ASSUMED_EDGE_SHARE)),
  }),
  remove: unchanged,
  changes: ({ request, wishes }) => [
    { field: '/requestsPerDay', to: request.requestsPerDay * (1 - (wishes.edgeOffloadShare ?? ASSUMED_EDGE_SHARE)) },
  ],
};

export const CACHES_AND_DRAFTS: readonly Optimization[] = [PREFIX_CACHING, RESPONSE_CACHING, SPECULATION];
