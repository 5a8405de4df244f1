/**
 * Run as a process of its own, to be killed: a node that joins the network of the specification given. Says each change of how far it is as a
 * line of JSON, at last what it has then, and ends by itself.
 *
 *   joining-process.ts <spec.json> <folder> <whether blocks behind are waited for: 0 or 1> <addresses...>
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { concatBytes, utf8, type Hash } from '../../node-core/base/bytes.ts'
import { silentLogger } from '../../node-core/base/logger.ts'
import { Node } from '../../node-core/chain/node/node.ts'
import { nodeOptionsSchema } from '../../node-core/chain/node/options.ts'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import { withState } from '../../node-core/chain/spec/with-state.ts'
import type { StorageReader } from '../../node-core/chain/state/types.ts'

/** Where it is; in `gap` it is a node as any other already. */
export type Stage = 'peers' | 'proofs' | 'state' | 'assembling' | 'anchor' | 'starting' | 'gap'

export interface Step {
  readonly stage: Stage
  /** Grows as the stage goes on. */
  readonly progress: number
}

export interface Joined {
  readonly hash: Hash
  readonly number: number
  readonly stateRoot: Hash
  readonly digest: string
}

const CHILD = utf8(':child_storage:default:')

/** Of every key and value of a state, child tries included. */
export function stateDigest(storage: StorageReader, root: Hash): string {
  const digest = createHash('sha256')
  const take = (bytes: Uint8Array): void => void digest.update(concatBytes(Uint8Array.of(bytes.length & 0xff, (bytes.length >>> 8) & 0xff, bytes.length >>> 16), bytes))
  const every = function* (next: (after?: Uint8Array) => Uint8Array[]): Generator<Uint8Array> {
    for (let keys = next(); keys.length > 0; keys = next(keys.at(-1))) yield* keys
  }
  for (const key of every((after) => storage.keys(root, new Uint8Array(0), 1000, after))) {
    take(key)
    take(storage.get(root, key) ?? new Uint8Array(0))
    if (Buffer.compare(key.subarray(0, CHILD.length), CHILD) !== 0) continue
    const child = key.subarray(CHILD.length)
    for (const inner of every((after) => storage.childKeys(root, child, new Uint8Array(0), 1000, after))) {
      take(inner)
      take(storage.getChild(root, child, inner) ?? new Uint8Array(0))
    }
  }
  return digest.digest('hex')
}

const [, , specPath, basePath = '', waitsForGap, ...bootnodes] = process.argv
if (specPath !== undefined && import.meta.filename === process.argv[1]) await join(specPath)

async function join(path: string): Promise<void> {
  const say = (line: Step | Joined): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
  const node = await Node.create({
    spec: withState(parseChainSpec(readFileSync(path, 'utf8'), path)),
    options: nodeOptionsSchema.parse({ chain: path, basePath, sync: 'warp', rpc: { port: 0 }, network: { port: 0, mdns: false, bootnodes } }),
    logger: silentLogger,
  })
  node.onFailure((error) => {
    process.stderr.write(`${String(error)}\n`)
    process.exit(1)
  })
  await node.start()
  let told = ''
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const step = stepOf(node)
      const line = JSON.stringify(step)
      if (line !== told) say(step)
      told = line
      if (step.stage !== 'gap' || (waitsForGap === '1' && node.blocks.gap() !== undefined)) return
      clearInterval(timer)
      resolve()
    }, 1)
  })
  const { hash, number } = node.blocks.finalized()
  const { stateRoot } = node.blocks.header(hash)!
  say({ hash, number, stateRoot, digest: stateDigest(node.storage, stateRoot) })
  await node.stop()
}

function stepOf({ joining, blocks, core }: Node): Step {
  const status = joining.status()
  if (status === undefined) return core.isRunning && blocks.best().number > 0 ? { stage: 'gap', progress: blocks.gap()?.to ?? 0 } : { stage: 'starting', progress: 0 }
  const { stage, proofs, state } = status
  if (stage === 'state' && state?.assembled !== undefined) return { stage: 'assembling', progress: state.assembled }
  return { stage, progress: stage === 'state' ? (state?.entries ?? 0) : (proofs?.fragments ?? 0) }
}
