/**
 * `npm run bench`: ratios against named counterparts, each pair measured in this one run. Nothing here asserts: the
 * figures are for reading. `npm run bench -- trie` runs the parts whose name contains a word.
 */
import { cpus, totalmem } from 'node:os'
import { setV8Flags } from '../../node-core/base/v8-flags.ts'
import { benchBlocks } from './blocks.ts'
import { benchChannel } from './channel.ts'
import { benchCrypto } from './crypto.ts'
import { benchDesktop } from './desktop.ts'
import { benchGossip } from './gossip.ts'
import { benchIdle } from './idle.ts'
import { benchImport } from './import.ts'
import { benchIpc } from './ipc.ts'
import { benchOwnRuntime } from './own-runtime.ts'
import { benchMesh } from './mesh.ts'
import type { Report } from './report.ts'
import { benchResource } from './resource.ts'
import { benchRpc } from './rpc.ts'
import { benchRpcClients } from './rpc-clients.ts'
import { benchRuntime } from './runtime.ts'
import { benchScroll } from './scroll.ts'
import { benchServices } from './services.ts'
import { benchStateDisk } from './state-disk.ts'
import { benchStateSize } from './state-size.ts'
import { benchStateSync } from './state-sync.ts'
import { benchSync } from './sync.ts'
import { benchTopics } from './topics.ts'
import { benchTransfer } from './transfer.ts'
import { benchTrie } from './trie.ts'
import { benchTrpc } from './trpc.ts'
import { benchVotes } from './votes.ts'

const PARTS: readonly (readonly [name: string, run: (report: Report) => Promise<void>])[] = [
  ['trie', benchTrie],
  ['runtime', benchRuntime],
  ['own runtime', benchOwnRuntime],
  ['state size', benchStateSize],
  ['state disk', benchStateDisk],
  ['import', benchImport],
  ['blocks', benchBlocks],
  ['sync', benchSync],
  ['sync transfer', benchTransfer],
  ['state download', benchStateSync],
  ['gossip', benchGossip],
  ['resource', benchResource],
  ['ipc', benchIpc],
  ['channel', benchChannel],
  ['topics', benchTopics],
  ['mesh of 8', benchMesh],
  ['crypto', benchCrypto],
  ['votes', benchVotes],
  ['idle', benchIdle],
  ['trpc', benchTrpc],
  ['rpc requests', benchRpc],
  ['rpc clients', benchRpcClients],
  ['services', benchServices],
  ['scroll', benchScroll],
  ['desktop', benchDesktop],
]

const report: Report = (name, ratio, detail) => {
  process.stdout.write(`  ${name.padEnd(58)} ${ratio.toFixed(2).padStart(8)}   ${detail}\n`)
}

// As a node has them.
setV8Flags()
const wanted = process.argv.slice(2)
process.stdout.write(`${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.version}\n`)
let failed = false
for (const [name, run] of PARTS) {
  if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue
  process.stdout.write(`\n${name}\n`)
  try {
    await run(report)
  } catch (error) {
    failed = true
    process.stdout.write(`  could not be measured: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}
process.exit(failed ? 1 : 0)
