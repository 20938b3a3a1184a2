// Schedules that once broke a promise, each with the sentence that it taught. All were made smaller by fast-check; a change to
// the model of the world may take a schedule's bite, so look for another if you take back its cause and nothing fails.

import type { Schedule, Setup } from "./schedule.ts"

/** One quiet tab; each schedule says what is different. */
const CALM: Setup = {
  seed: 0,
  ids: "integer",
  times: true,
  overlap: 0,
  hasMore: true,
  cursor: true,
  strict: false,
  only: false,
  latency: 1,
  starts: "page",
  topics: 1,
  tabs: 1,
  limit: 200,
  settleFor: 5000,
  reconcileEvery: 10000,
  holdFor: 10000,
  reorderFor: 0,
  clockSleeps: false,
  credentials: false,
  traffic: 0,
  lost: 0,
  late: 0,
}

export const SEEDS: readonly { says: string; schedule: Schedule }[] = [
  {
    says: "an alarm that comes a little early is given again: browsers' timers count whole milliseconds",
    schedule: {
      setup: { ...CALM, hasMore: false },
      actions: [
        { wait: 0, at: null, do: "broker-lost", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "broker-lost", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "http-slow", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: null, do: "refuse", a: 0, b: 0 },
      ],
    },
  },
  {
    says: "what is under way to a subscription that has left is not counted as taken",
    schedule: {
      setup: { ...CALM, seed: 7, ids: "uuid", hasMore: false, latency: 30, tabs: 4, limit: 3, traffic: 70 },
      actions: [
        { wait: 127, at: null, do: "crash-tab", a: 262, b: 0 },
        { wait: 0, at: "deliver", do: "unsubscribe", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "cut", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: null, do: "cut", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "cut", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "cut", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "cut", a: 0, b: 0 },
      ],
    },
  },
  {
    says: "a young message settles nothing, also where another page follows: rows before it may still commit",
    schedule: {
      setup: { ...CALM, hasMore: false, limit: 3, traffic: 200, late: 5 },
      actions: [
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "cut", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
      ],
    },
  },
  {
    says: "ids up to the stored place, which a repeating endpoint names again, are not beyond it",
    schedule: {
      setup: { ...CALM, overlap: 2000, hasMore: false, starts: "mixed" },
      actions: [
        { wait: 0, at: "dial", do: "park", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "open", a: 0, b: 0 },
        { wait: 12, at: null, do: "split-hub", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "cut", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "cut", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
      ],
    },
  },
  {
    says: "who attaches anew is not given again what was ephemeral in the log before",
    schedule: {
      setup: { ...CALM, hasMore: false, tabs: 2, traffic: 200 },
      actions: [
        { wait: 10, at: "dial", do: "http-garbage", a: 0, b: 213 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: "fetch", do: "duplicate", a: 0, b: 0 },
        { wait: 2015, at: null, do: "reattach", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "cut", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: null, do: "cut", a: 0, b: 0 },
        { wait: 0, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
        { wait: 0, at: null, do: "cut", a: 0, b: 0 },
        { wait: 0, at: null, do: "publish", a: 0, b: 0 },
      ],
    },
  },
  {
    says: "what one reader's own pages brought, the others may still lack: a place that is taken back claims no more than before",
    schedule: {
      setup: { ...CALM, seed: 23, tabs: 3, traffic: 200, lost: 3 },
      actions: [
        { wait: 0, at: null, do: "close", a: 0, b: 0 },
        { wait: 1539, at: null, do: "thaw", a: 0, b: 0 },
        { wait: 0, at: null, do: "open", a: 0, b: 798 },
      ],
    },
  },
  {
    says: "a place that a subscription was told for now is not overruled by what the stream is told later",
    schedule: {
      setup: { ...CALM, seed: 22, latency: 30, starts: "elsewhere", tabs: 2, traffic: 200 },
      actions: [{ wait: 0, at: null, do: "http-slow", a: 0, b: 0 }],
    },
  },
  {
    says: "a page covers nothing that waits in the log for a frozen tab: whoever came later takes the page, but not what is before it",
    schedule: {
      setup: { ...CALM, seed: 21, settleFor: 1000, traffic: 200 },
      actions: [
        { wait: 30, at: null, do: "freeze", a: 0, b: 0 },
        { wait: 1794, at: null, do: "broker-lost", a: 0, b: 0 },
        { wait: 0, at: null, do: "http-401", a: 0, b: 0 },
        { wait: 0, at: null, do: "duplicate", a: 0, b: 0 },
      ],
    },
  },
  {
    says: "what an earlier page left unsettled is judged by the clocks of then, not by those of after a sleep",
    schedule: {
      setup: { ...CALM, seed: 1411407850, tabs: 2, limit: 3, clockSleeps: true, traffic: 70, lost: 20, late: 20 },
      actions: [
        { wait: 1335, at: "dial", do: "http-slow", a: 0, b: 0 },
        { wait: 0, at: null, do: "churn", a: 0, b: 509 },
        { wait: 30, at: null, do: "sleep", a: 0, b: 843 },
      ],
    },
  },
  {
    says: "what came while nobody read ids is not held for who does",
    schedule: {
      setup: { ...CALM, seed: 2147483632, ids: "uuid", cursor: false, starts: "elsewhere", traffic: 200, late: 20 },
      actions: [
        { wait: 54, at: null, do: "unsubscribe", a: 0, b: 0 },
        { wait: 0, at: "send", do: "churn", a: 0, b: 0 },
        { wait: 0, at: null, do: "churn", a: 0, b: 781 },
      ],
    },
  },
  {
    says: "a rejection after a late confirmation is the answer to the repetition",
    schedule: {
      setup: { ...CALM, seed: 23, topics: 3, tabs: 4, traffic: 200 },
      actions: [
        { wait: 37, at: null, do: "stall", a: 0, b: 742 },
        { wait: 0, at: "fetch", do: "reattach", a: 0, b: 0 },
        { wait: 1560, at: "load", do: "throw", a: 0, b: 0 },
        { wait: 0, at: null, do: "reject", a: 0, b: 691 },
      ],
    },
  },
  {
    says: "who starts with all that the stream knows is told all of it, or nothing",
    schedule: {
      setup: { ...CALM, seed: 99679183, cursor: false, only: true, starts: "mixed", tabs: 2 },
      actions: [
        { wait: 0, at: null, do: "flood", a: 0, b: 0 },
        { wait: 804, at: null, do: "duplicate", a: 547, b: 0 },
      ],
    },
  },
  {
    says: "a message that came before somebody asked where now is stands before the answer, though nobody had taken it yet",
    schedule: {
      setup: { ...CALM, starts: "elsewhere", traffic: 200 },
      actions: [
        { wait: 0, at: null, do: "cut", a: 0, b: 0 },
        { wait: 11, at: "dial", do: "publish", a: 0, b: 0 },
        { wait: 0, at: "deliver", do: "sleep", a: 0, b: 0 },
        { wait: 0, at: null, do: "subscribe", a: 0, b: 0 },
        { wait: 0, at: null, do: "cut", a: 0, b: 0 },
      ],
    },
  },
  {
    says: "a stream that goes back over more than it can remember still names what a stored row has named",
    schedule: {
      setup: {
        ...CALM,
        seed: 17,
        overlap: 2000,
        starts: "elsewhere",
        tabs: 2,
        reconcileEvery: 30000,
        holdFor: 1500,
        traffic: 70,
      },
      actions: [
        { wait: 1365, at: null, do: "sleep", a: 9, b: 115 },
        { wait: 0, at: null, do: "kill-hub", a: 435, b: 654 },
        { wait: 0, at: "save", do: "disconnect", a: 999, b: 703 },
        { wait: 0, at: "send", do: "open", a: 218, b: 994 },
        { wait: 0, at: "dial", do: "half-open", a: 213, b: 996 },
        { wait: 32, at: "dial", do: "publish", a: 1, b: 9 },
        { wait: 1781, at: null, do: "disconnect", a: 199, b: 737 },
        { wait: 53, at: null, do: "reattach", a: 601, b: 995 },
        { wait: 0, at: "send", do: "disconnect", a: 507, b: 75 },
        { wait: 55, at: "save", do: "disconnect", a: 993, b: 677 },
        { wait: 0, at: "deliver", do: "flood", a: 265, b: 0 },
      ],
    },
  },
  {
    says: "an answer that comes after the first live message became the place may be before it or after: pages tell",
    schedule: {
      setup: {
        ...CALM,
        seed: 868288032,
        latency: 80,
        starts: "elsewhere",
        reconcileEvery: 30000,
        holdFor: 1500,
        lost: 20,
      },
      actions: [
        { wait: 0, at: null, do: "cut", a: 824, b: 235 },
        { wait: 18, at: "fetch", do: "reopen", a: 633, b: 84 },
        { wait: 1364, at: null, do: "broker-late", a: 402, b: 327 },
        { wait: 0, at: null, do: "flood", a: 100, b: 142 },
        { wait: 0, at: null, do: "duplicate", a: 105, b: 784 },
      ],
    },
  },
  {
    says: "a run that ends while its pages wait for a tab that may never take them frees no row",
    schedule: {
      setup: {
        ...CALM,
        seed: 19196495,
        ids: "uuid",
        hasMore: false,
        latency: 80,
        tabs: 2,
        settleFor: 1000,
        traffic: 200,
      },
      actions: [
        { wait: 0, at: null, do: "cut", a: 793, b: 54 },
        { wait: 55, at: null, do: "http-401", a: 877, b: 688 },
        { wait: 0, at: "deliver", do: "crash-tab", a: 650, b: 193 },
        { wait: 1452, at: null, do: "kill-hub", a: 404, b: 357 },
        { wait: 0, at: "fetch", do: "publish", a: 844, b: 0 },
        { wait: 0, at: "dial", do: "half-open", a: 814, b: 670 },
        { wait: 0, at: null, do: "reload", a: 790, b: 689 },
        { wait: 52, at: null, do: "subscribe", a: 485, b: 662 },
        { wait: 2241, at: null, do: "reload", a: 885, b: 131 },
        { wait: 769, at: null, do: "freeze", a: 173, b: 456 },
        { wait: 0, at: null, do: "burst", a: 755, b: 657 },
      ],
    },
  },
  {
    says: "a confirmation after a network stood still may be that of what was left: the server is asked once more",
    schedule: {
      setup: { ...CALM, seed: 2019475072, hasMore: false, reconcileEvery: 30000 },
      actions: [
        { wait: 2485, at: null, do: "reorder", a: 432, b: 987 },
        { wait: 2495, at: null, do: "reopen", a: 998, b: 844 },
        { wait: 14, at: null, do: "stall", a: 18, b: 742 },
        { wait: 0, at: "fetch", do: "wall-clock", a: 260, b: 741 },
        { wait: 999, at: "deliver", do: "http-429", a: 991, b: 7 },
      ],
    },
  },
  {
    says: "messages that are held do not push the page out that they wait for",
    schedule: {
      setup: { ...CALM, seed: 10, hasMore: false, cursor: false, starts: "mixed", settleFor: 1000, late: 5 },
      actions: [
        { wait: 20, at: "dial", do: "unauthorized", a: 139, b: 0 },
        { wait: 0, at: null, do: "freeze", a: 971, b: 3 },
        { wait: 786, at: null, do: "flood", a: 131, b: 448 },
      ],
    },
  },
  {
    says: "the reconcile after a confirmation is not swallowed by a run that was asked before it was due",
    schedule: {
      setup: { ...CALM, seed: 1033063626, latency: 80, topics: 3, tabs: 3, settleFor: 1000, reconcileEvery: 30000 },
      actions: [
        { wait: 2238, at: null, do: "type", a: 696, b: 851 },
        { wait: 0, at: null, do: "reattach", a: 641, b: 281 },
        { wait: 1397, at: null, do: "perform", a: 866, b: 861 },
      ],
    },
  },
  {
    says: "an endpoint that refused is asked again once it answers somebody",
    schedule: {
      setup: {
        ...CALM,
        seed: 19,
        ids: "uuid",
        topics: 3,
        settleFor: 1000,
        reconcileEvery: 30000,
        holdFor: 1500,
        traffic: 200,
        lost: 20,
      },
      actions: [
        { wait: 0, at: "fetch", do: "throw", a: 60, b: 780 },
        { wait: 0, at: "save", do: "retention", a: 171, b: 705 },
        { wait: 1542, at: null, do: "cut", a: 338, b: 680 },
        { wait: 1680, at: "save", do: "http-401", a: 643, b: 921 },
        { wait: 0, at: null, do: "freeze", a: 968, b: 345 },
        { wait: 0, at: "send", do: "reattach", a: 494, b: 456 },
        { wait: 962, at: null, do: "hide", a: 899, b: 592 },
        { wait: 1859, at: "send", do: "perform", a: 956, b: 488 },
        { wait: 56, at: "dial", do: "duplicate", a: 564, b: 93 },
      ],
    },
  },
]
