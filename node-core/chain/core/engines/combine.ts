/** An engine out of its parts: what is asked of it goes to the part that knows. */
import type { Engine } from './engine.ts'
import type { AuthoringPart, FinalityPart } from './parts.ts'

export function combine(authoring: Omit<AuthoringPart, 'stamp'>, finality: FinalityPart | undefined): Engine {
  const parts = finality === undefined ? [authoring] : [authoring, finality]
  const decoders = parts.map(({ digests }) => digests)
  return {
    name: parts.map(({ name }) => name).join(' with '),
    slotDuration: authoring.slotDuration,
    followsClock: authoring.followsClock,
    verifier: authoring.verifier,
    weights: authoring.weights,
    authoring: authoring.authoring,
    finality: finality?.finality,
    digests: {
      slotOf: (header) => authoring.digests.slotOf?.(header),
      describe: (item) => firstOf(decoders, (decoder) => decoder.describe(item)),
      describeJustification: (justification) => firstOf(decoders, (decoder) => decoder.describeJustification?.(justification)),
    },
    lists: parts.flatMap(({ lists }) => lists),
    rpc: (context) => parts.flatMap(({ rpc }) => rpc?.(context) ?? []),
    sealing: authoring.sealing,
    heightCeiling: (finalized, nowMs) => authoring.heightCeiling(finalized, nowMs),
    turnOf: async (parent, parentHash, slot) => authoring.turnOf?.(parent, parentHash, slot),
    drawnHere: async (parent, parentHash, slot) => authoring.drawnHere?.(parent, parentHash, slot),
    voters: () => finality?.voters(),
    provesOld: async (block, justification) => (await finality?.provesOld(block, justification)) ?? false,
    authorByState: (header) => authoring.authorByState(header),
    peers: (door) => finality?.peers(door) ?? { topics: [], requests: [] },
    metrics: () => parts.flatMap((part) => part.metrics?.() ?? []),
    start: async () => finality?.start(),
    stop: async () => finality?.stop(),
    idle: async () => finality?.idle(),
  }
}

function firstOf<Part, Answer>(parts: readonly Part[], ask: (part: Part) => Answer | undefined): Answer | undefined {
  for (const part of parts) {
    const answer = ask(part)
    if (answer !== undefined) return answer
  }
  return undefined
}
