/** What a tree can be told, and the bounds that it keeps by itself. */

export interface TreeOptions {
  /** Peers of each bucket that hear of a message, 1 to 8 (MAX_BETA). */
  readonly beta: number
  /** Of these, how many are sent it whole; the others are offered it, and ask for it where the first one fails. */
  readonly copies: number
  /** How often a bucket is halved before peers are chosen in each part of it: more copies of each node, and fewer steps. */
  readonly split: number
  /** How much chance there is in the choice among the peers of a bucket: a distance counts as up to so much more of itself. */
  readonly blur: number
  /** Copies under way at a time: what goes out one after the other reaches the first subtree soonest, and that is the largest. */
  readonly parallel: number
  /** What this node's line is supposed to carry until that was measured (line.ts); bytes a second. */
  readonly lineBytesPerSecond: number
  /** How long after its round trip a peer must have answered a copy, ms. */
  readonly answerMs: number
  /** Who was offered a message waits for so long, and for so much longer for each bucket below the height that it would cover, before it asks; ms. Times the rank. */
  readonly offerMs: number
  readonly offerLevelMs: number
  /** The same for a message that was announced to fill holes; ms. */
  readonly announcedMs: number
  /** An answer may take so long, and a second longer for each `pullBytesPerSecond` of the message; ms. */
  readonly pullMs: number
  readonly pullBytesPerSecond: number
  /** What came is announced so often, so many times, to so many peers at random. */
  readonly repairMs: number
  readonly repairRounds: number
  readonly repairPeers: number
  /** What came is kept for so long, for those who ask for it, in so many bytes; ms. */
  readonly holdMs: number
  readonly holdBytes: number
}

/**
 * As `npm run campaign -- spreading` found them: 2,000 nodes, a tenth of whom leaves each minute, one in twenty silent, messages of 64 KiB. Mean and 99th
 * percentile of the time to delivery, and what a node sends, in lengths of the message:
 *
 *   these                           0.54 s   1.2 s   1.14
 *   beta 1: no spares               0.64 s   2.2 s   1.09
 *   beta 2: one spare               0.56 s   1.3 s   1.14
 *   copies 2                        0.49 s   1.0 s   4.19
 *   split 1                         0.64 s   1.7 s   1.17
 *   parallel 64: all at once        1.03 s   2.4 s   1.58
 *   no repair                       0.52 s   1.1 s   1.09   0.09 % never hear of it; 14 % where there are no spares either
 *   gossipsub, for comparison       0.66 s   1.1 s   4.91
 */
export const TREE_DEFAULTS: TreeOptions = {
  beta: 3,
  copies: 1,
  split: 0,
  blur: 1,
  parallel: 1,
  // 20 Mbit/s.
  lineBytesPerSecond: 2_500_000,
  answerMs: 150,
  offerMs: 150,
  offerLevelMs: 40,
  announcedMs: 100,
  pullMs: 800,
  pullBytesPerSecond: 250_000,
  repairMs: 500,
  repairRounds: 3,
  repairPeers: 4,
  holdMs: 30_000,
  holdBytes: 32 * 1024 * 1024,
}

export const BOUNDS = {
  /** Messages that were offered and did not come yet: of all peers, and of one. */
  wanted: 1_024,
  wantedPerPeer: 128,
  /** Peers to ask for one message. */
  offerers: 8,
  /** Messages that are kept. */
  held: 1_024,
  /** Copies that wait for their place. */
  copies: 2_048,
  /** Answers that wait for their place: to all peers, and to one. */
  answers: 256,
  answersPerPeer: 16,
  /** Copies to which an answer is due. */
  handovers: 4_096,
  /** Messages that wait to be announced. */
  fresh: 1_024,
} as const
