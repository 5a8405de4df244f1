/**
 * GRANDPA: GHOST-based recursive ancestor deriving prefix agreement (Polkadot Host spec, section 6 and the paper of Stewart and
 * Kokoris-Kogia).
 *
 * Authoring gives a tree of blocks; GRANDPA picks the part of it that will never change. The authorities vote in rounds, twice in each:
 * a *prevote* for the best chain that they see, then a *precommit* for the highest block that more than two thirds prevoted, each vote
 * counting for all ancestors of its block. What more than two thirds precommitted is final, a hundred blocks at once where need be.
 * The precommits, with the headers that connect them, are a *justification*: whoever knows the authorities can check it alone.
 *
 * It assumes that less than a third of the weight lies. Then no two final blocks contradict each other, even where messages take days;
 * and blocks go on becoming final as soon as they arrive in time again. Who votes twice in one round signs the proof against himself,
 * so a node with keys never forgets what it voted (rounds/own-votes.ts), not even when its database is thrown away.
 *
 * sets/: who votes, and how that changes · rounds/: the voter, a pure state machine · proofs/: justifications and warp sync ·
 * gossip/: what is said to whom · driver.ts: clock and chain for the voter.
 */
import { SteadyClock } from '../../../../base/clock.ts'
import type { EngineOptions, PeerDoor } from '../engine.ts'
import type { AuthoringPart, FinalityPart, PartDependencies } from '../parts.ts'
import { GrandpaFinality } from './driver.ts'
import { grandpaDigests } from './facts.ts'
import { describeGrandpaMessage } from './gossip/describe.ts'
import { GrandpaTopic } from './gossip/topic.ts'
import { decodeGrandpaMessage, encodeGrandpaMessage } from './messages.ts'
import { grandpaMetrics } from './metrics.ts'
import { OldProofs } from './proofs/old-proofs.ts'
import { warpHandler } from './proofs/warp.ts'
import { encodeGrandpaEquivocation } from './rounds/equivocation.ts'
import { GRANDPA_KEY_TYPE } from './rounds/own-votes.ts'
import { grandpaMethods } from './rpc.ts'
import { GRANDPA_API, grandpaAuthorities } from './runtime-api.ts'
import { AuthorityChangeIndex } from './sets/change-index.ts'

const CODEC = { encode: encodeGrandpaMessage, decode: decodeGrandpaMessage, describe: describeGrandpaMessage }

/** Throws what the call of the runtime throws, and GRANDPA_UNKNOWN_RECORD. */
export async function createGrandpa(
  dependencies: PartDependencies, { validator, authorityForks = [] }: EngineOptions, authoring: Pick<AuthoringPart, 'finalizing'>,
): Promise<FinalityPart> {
  const { blocks, writer, executor, crypto, keystore, signed, guard, clock, logger, imports, onMisconduct, onVote, baseRoot } = dependencies
  const finality = new GrandpaFinality(
    {
      blocks,
      writer,
      keystore,
      signed,
      guard,
      crypto,
      // A round takes its time, whatever the clock is set to.
      clock: new SteadyClock(clock),
      logger: logger.child('grandpa'),
      exclusive: (task) => imports.exclusive(task),
      onVote,
      beside: (head) => authoring.finalizing(head),
      onEquivocation(equivocation) {
        const proof = encodeGrandpaEquivocation(equivocation)
        if (proof === undefined) return
        // The finalized block is in the set that votes now.
        onMisconduct({ api: GRANDPA_API.name, keyType: GRANDPA_KEY_TYPE, offender: equivocation.first.authority, when: equivocation.setId, at: blocks.finalized().hash, proof })
      },
    },
    { genesisAuthorities: await grandpaAuthorities(executor, baseRoot, { lane: 'import' }), authorityForks, vote: validator },
  )
  const changes = new AuthorityChangeIndex({ blocks, aux: writer })
  const oldProofs = new OldProofs({ blocks, changes, current: () => finality.voterSet, authorityForks, crypto, logger: logger.child('grandpa') })
  return {
    name: 'GRANDPA',
    finality,
    voters: () => finality.voterSet,
    provesOld: (block, justification) => oldProofs.proves(block, justification),
    digests: grandpaDigests,
    lists: [{ keyType: GRANDPA_KEY_TYPE, at: async (stateRoot) => (await grandpaAuthorities(executor, stateRoot)).map(({ key }) => key) }],
    rpc: (context) => grandpaMethods({ votes: () => finality.votes(), changes }, context),
    metrics: () => grandpaMetrics(finality),
    peers: ({ role, ...door }: PeerDoor) => ({
      topics: [new GrandpaTopic({ ...door, port: finality, codec: CODEC, blocks, clock }, { role })],
      requests: [warpHandler({ blocks, changes })],
    }),
    start: () => finality.start(),
    stop: () => finality.stop(),
    idle: () => finality.idle(),
  }
}
