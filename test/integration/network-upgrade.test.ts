/**
 * A network of our own on one version of the runtime, nodes whose app carries the next one: root's node upgrades it, others are told and go
 * on, and nobody else gets any other code onto the chain.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { RUNTIME_FOLDER } from '../../build/runtime/manifest.ts'
import { concatBytes, fromHex, toHex, type Hash } from '../../node-core/base/bytes.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { devAccount, type DevAccountName } from '../../node-core/crypto/keys/dev-accounts.ts'
import { blake2Hash } from '../../node-core/crypto/hashes/hashing.ts'
import { encodeSs58 } from '../../node-core/crypto/keys/ss58.ts'
import type { Call } from '../../node-core/chain/extrinsics/arguments.ts'
import type { Signer } from '../../node-core/chain/extrinsics/builder.ts'
import { ACCOUNT_KEY_TYPE } from '../../node-core/keystore/network-keys.ts'
import { senderRuntime } from '../../node-core/chain/node/own-extrinsics.ts'
import { ExtrinsicSender } from '../../node-core/chain/extrinsics/sender.ts'
import { developmentAccountKeys, findSigner } from '../../node-core/chain/extrinsics/signers.ts'
import { multisigAccount } from '../../node-core/chain/spec/multisig.ts'
import { buildRawGenesis } from '../../node-core/chain/spec/runtime-genesis/builder.ts'
import type { ExactObject } from '../../node-core/chain/spec/runtime-genesis/exact-json.ts'
import type { ChainSpec } from '../../node-core/chain/spec/schema.ts'
import type { CarriedRuntime } from '../../node-core/chain/upgrades/carried.ts'
import type { UpgradeStage } from '../../node-core/chain/upgrades/types.ts'
import { DevNode } from '../helpers/dev-node.ts'
import { nextOwnRuntime, ownRuntime } from '../helpers/own-runtime.ts'

const ZSTD_MARK = fromHex('0x52bc537646db8e05')
const NEXT = concatBytes(ZSTD_MARK, zstdCompressSync(nextOwnRuntime()))
const CARRIED: CarriedRuntime = { specName: 'nodestead', specVersion: 2, codeHash: blake2Hash(NEXT), code: async () => NEXT, metadata: () => readFile(join(RUNTIME_FOLDER, 'metadata.scale')) }
/** What the runtime says where a call takes the rest of its block, as new code does. */
const TAKES_THE_BLOCK = /^runtime: Post dispatch weight is greater than pre dispatch weight/
const MEMBERS = ['Alice', 'Bob', 'Charlie'] as const
const ADDRESSES = MEMBERS.map((name) => encodeSs58(publicKey(name)))

function publicKey(name: DevAccountName): Uint8Array {
  return devAccount(`//${name}`).sr25519.publicKey
}

function signer(name: DevAccountName): Signer {
  return findSigner(developmentAccountKeys([name]), publicKey(name)) as Signer
}

/** One authority, Alice, who is root where `patch` does not say otherwise. */
function ownNetwork(patch: ExactObject = {}, properties: ChainSpec['properties'] = {}, code = ownRuntime()): ChainSpec {
  const genesis = buildRawGenesis({ code: toHex(code), how: { kind: 'namedPreset', name: 'development', patch } })
  return { name: 'Ours', id: 'ours', chainType: 'Local', bootNodes: [], properties, codeSubstitutes: {}, genesis: { raw: genesis } }
}

interface Pair {
  readonly author: DevNode
  readonly other: DevNode
  /** Time passes while the sockets work: slots, rounds and retries are driven by this clock. */
  reach(what: string, done: () => boolean): Promise<void>
  /** Extrinsics of the author's node. */
  readonly sender: ExtrinsicSender
}

async function withPair(spec: ChainSpec, task: (pair: Pair) => Promise<void>): Promise<void> {
  const author = await DevNode.start({ spec, carried: CARRIED })
  const address = author.address
  const other = await DevNode.start({ spec, carried: CARRIED, validator: false, clock: author.clock, bootnodes: [address] })
  const reach = (what: string, done: () => boolean): Promise<void> => author.reach(what, done)
  try {
    await reach('following', () => other.node.blocks.finalized().number >= 2)
    const { blocks, storage, runtime, core } = author.node
    await task({ author, other, reach, sender: new ExtrinsicSender({ blocks, storage, runtime: senderRuntime({ blocks, runtime, pool: core.pool }), pool: core.pool, logger: silentLogger }) })
    expect([author, other].flatMap((node) => node.problems()).filter((text) => !TAKES_THE_BLOCK.test(text))).toEqual([])
  } finally {
    await other.stop()
    await author.stop()
  }
}

async function versionAt({ node }: DevNode, number: number): Promise<number> {
  const header = node.blocks.header(node.blocks.hashByNumber(number) as Hash)
  return (await node.runtime.version(header?.stateRoot as Hash)).specVersion
}

const authorize: Call = { pallet: 'Sudo', name: 'sudo', args: { call: { pallet: 'System', name: 'authorize_upgrade', args: { code_hash: CARRIED.codeHash } } } }

it("root's node upgrades the network; the others see it come, and all go on", async () => {
  await withPair(ownNetwork(), async ({ author, other, reach }) => {
    const { upgrades } = author.node
    expect(upgrades.state()).toMatchObject({ stage: 'offered', specName: 'nodestead', current: 1, target: 2, root: { kind: 'here' }, rootName: 'Alice', canApply: false })
    expect(other.node.upgrades.state()).toMatchObject({ stage: 'offered', current: 1, root: { kind: 'elsewhere' } })
    await expect(other.node.upgrades.begin(2)).rejects.toMatchObject({ code: 'UPGRADE_NOT_POSSIBLE', message: 'This node does not have the key of root.' })
    await expect(other.node.upgrades.apply(2)).rejects.toMatchObject({ code: 'UPGRADE_NOT_POSSIBLE' })
    // What the person agreed to is not what there is.
    await expect(upgrades.begin(3)).rejects.toMatchObject({ code: 'UPGRADE_NOT_POSSIBLE' })

    await upgrades.begin(2)
    expect(upgrades.state()).toMatchObject({ stage: 'authorizing', isOwn: true })
    await expect(upgrades.begin(2)).rejects.toMatchObject({ code: 'UPGRADE_NOT_POSSIBLE', message: 'A runtime upgrade is already in progress.' })
    const stages: UpgradeStage[][] = [[], []]
    await reach('the new version', () => {
      const states = [upgrades.state(), other.node.upgrades.state()]
      states.forEach((state, at) => state !== undefined && stages[at]?.at(-1) !== state.stage && stages[at]?.push(state.stage))
      return states.every((state) => state?.stage === 'done')
    })
    // Looked at once a slot: on a busy machine a stage may pass between two looks, and none comes out of its turn.
    const [here, elsewhere] = stages as [UpgradeStage[], UpgradeStage[]]
    expect(here).toEqual((['authorizing', 'applying', 'waiting-for-finality', 'done'] as const).filter((stage) => stage !== 'applying' || here.includes(stage)))
    expect(elsewhere).toEqual((['offered', 'authorizing', 'authorized', 'waiting-for-finality', 'done'] as const).filter((stage) => stage === 'done' || elsewhere.includes(stage)))
    expect(elsewhere.length).toBeGreaterThan(2)
    const authorizedAt = [author, other].map(({ logs }) => logs.find(({ message }) => message === 'root authorized a runtime upgrade')?.fields?.['block'])
    expect(authorizedAt[0]).toBeGreaterThan(2)
    expect(authorizedAt[1]).toBe(authorizedAt[0])

    const since = upgrades.state()?.since as number
    expect(upgrades.state()).toMatchObject({ current: 2, target: 2, isOwn: false })
    expect(other.node.upgrades.state()).toMatchObject({ current: 2, since })
    // The block before the first that it made brought it.
    for (const node of [author, other]) expect([await versionAt(node, since - 2), await versionAt(node, since - 1)]).toEqual([1, 2])
    const { number } = author.node.blocks.best()
    await reach('going on', () => other.node.blocks.finalized().number > number + 2)
    // Both said so in the log, and each said it once.
    for (const { logs } of [author, other]) expect(logs.filter(({ module }) => module === 'upgrade').map(({ message }) => message)).toEqual(
      expect.arrayContaining(['root authorized a runtime upgrade', 'the chain switched to another runtime']),
    )
    expect((await author.node.metrics.text()).includes('nodestead_runtime_spec_version{chain="ours"} 2')).toBe(true)
  })
}, 240_000)

it('what root authorized is brought by anybody, after a restart as well, and nothing else is', async () => {
  await withPair(ownNetwork(), async ({ author, other, reach, sender }) => {
    const signal = AbortSignal.timeout(200_000)
    const authorized = sender.send(authorize, signer('Alice'), { signal })
    const { upgrades, core, blocks, storage, runtime } = other.node
    await reach('the authorization', () => upgrades.state()?.stage === 'authorized')
    const { block } = await authorized
    expect(upgrades.state()).toMatchObject({ target: 2, canApply: true, authorizedAt: block.number })
    const another = new ExtrinsicSender({ blocks, storage, runtime: senderRuntime({ blocks, runtime, pool: core.pool }), pool: core.pool, logger: silentLogger })
    const wrong = another.sendBare({ pallet: 'System', name: 'apply_authorized_upgrade', args: { code: ownRuntime() } }, { signal })
    await expect(wrong).rejects.toMatchObject({ code: 'TX_INVALID' })

    // A node that is given the key of root is root's, while its keys are unlocked.
    const { keys } = other.node
    await keys.setUp('a passphrase for this test', false)
    await keys.import({ keyType: ACCOUNT_KEY_TYPE, scheme: 'sr25519' }, '//Alice')
    expect(upgrades.state()?.root).toEqual({ kind: 'here' })
    await keys.keystore.lock()
    expect(upgrades.state()?.root).toEqual({ kind: 'locked' })

    // It is in the state, not in a memory.
    await upgrades.stop()
    expect(upgrades.state()).toBeUndefined()
    await upgrades.start()
    expect(upgrades.state()).toMatchObject({ stage: 'authorized', canApply: true, authorizedAt: block.number })
    await upgrades.apply(2)
    await reach('the new version', () => [author, other].every(({ node }) => node.upgrades.state()?.stage === 'done'))
    const since = upgrades.state()?.since
    await upgrades.stop()
    await upgrades.start()
    expect(upgrades.state()).toMatchObject({ stage: 'done', since })
  })
}, 240_000)

it('a multisig that is root authorizes with the call that is shown, and is offered no button', async () => {
  const root = multisigAccount(MEMBERS.map(publicKey), 2)
  const spec = ownNetwork({ sudo: { key: encodeSs58(root) } }, { rootMultisig: { members: ADDRESSES, threshold: 2 } })
  await withPair(spec, async ({ author, reach, sender }) => {
    const { upgrades } = author.node
    expect(upgrades.state()).toMatchObject({ stage: 'offered', root: { kind: 'multisig', members: ADDRESSES, threshold: 2 }, rootAddress: encodeSs58(root) })
    await expect(upgrades.begin(2)).rejects.toMatchObject({ code: 'UPGRADE_NOT_POSSIBLE' })

    const none = { added: [], removed: [] }
    expect(await upgrades.details()).toEqual({ changes: { pallets: none, calls: none, apis: none }, codeHash: CARRIED.codeHash, call: toHex(await sender.encode(authorize)) })

    const signal = AbortSignal.timeout(200_000)
    const asMulti = (name: DevAccountName, timepoint: { height: number; index: number } | undefined): Call => ({
      pallet: 'Multisig',
      name: 'as_multi',
      args: {
        threshold: 2,
        other_signatories: MEMBERS.filter((member) => member !== name).map(publicKey).sort(Buffer.compare),
        maybe_timepoint: timepoint,
        call: authorize,
        max_weight: { ref_time: 10n ** 9n, proof_size: 100_000 },
      },
    })
    const first = sender.send(asMulti('Alice', undefined), signer('Alice'), { signal })
    let isFirst = false
    void first.then(() => (isFirst = true))
    await reach('the first approval', () => isFirst)
    const { block, index } = await first
    const second = sender.send(asMulti('Bob', { height: block.number, index }), signer('Bob'), { signal })
    await reach('the authorization', () => upgrades.state()?.stage === 'authorized')
    await second
    await upgrades.apply(2)
    await reach('the new version', () => upgrades.state()?.stage === 'done')
  })
}, 240_000)

it('data of a network that ships with the app go on under a newer app, which offers to upgrade it', async () => {
  const basePath = await mkdtemp(join(tmpdir(), 'nodestead-upgrade-'))
  const shipped = (code: Uint8Array): ChainSpec => ({ ...ownNetwork({}, {}, code), id: 'nodestead_dev', chainType: 'Development' })
  try {
    const before = await DevNode.start({ spec: shipped(ownRuntime()), basePath })
    await before.slots(4)
    const { genesisHash } = before.node.blocks
    const best = before.node.blocks.best()
    await before.stop()
    const after = await DevNode.start({ spec: shipped(NEXT), basePath, carried: CARRIED, clock: before.clock })
    expect([after.node.blocks.genesisHash, after.node.blocks.best()]).toEqual([genesisHash, best])
    expect(after.node.upgrades.state()).toMatchObject({ stage: 'offered', current: 1, target: 2, root: { kind: 'here' } })
    await after.slots(2)
    expect(after.node.blocks.best().number).toBeGreaterThan(best.number)
    await after.stop()
    // An older app does not go on with what a newer one began.
    const newer = await DevNode.start({ spec: { ...shipped(NEXT), id: 'nodestead_local' }, basePath })
    await newer.stop()
    await expect(DevNode.start({ spec: { ...shipped(ownRuntime()), id: 'nodestead_local' }, basePath })).rejects.toMatchObject({ code: 'STATE_WRONG_GENESIS' })
  } finally {
    await rm(basePath, { recursive: true, force: true })
  }
}, 120_000)
