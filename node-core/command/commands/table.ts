/** Every command, in the order of help. A further one is a file with its definition, and a line here. */
import type { Command } from '../definition/command.ts'
import { checkBlock, exportBlocks, importBlocks, revert } from './blocks.ts'
import { buildSpec } from './build-spec.ts'
import { completion } from './completion.ts'
import { gateway } from './gateway.ts'
import { help } from './help.ts'
import { keyGenerate } from './key/generate.ts'
import { keyInsert } from './key/insert.ts'
import { keyInspect } from './key/inspect.ts'
import { keyList } from './key/list.ts'
import { keyGenerateNodeKey, keyInspectNodeKey } from './key/node-key.ts'
import { manual } from './manual.ts'
import { purgeChain } from './purge-chain.ts'
import { run } from './run.ts'
import { exportState, importState } from './state.ts'
import { call, restart, start, stop, supportBundle } from './to-node/acting.ts'
import { fetch, share, topics, topicsSend, topicsTail } from './to-node/open-net.ts'
import { logs, metrics, networks, peers, status } from './to-node/shown.ts'
import { txFee, txParse, txSubmit, txWatch } from './to-node/transactions.ts'
import { tokenAdd, tokenList, tokenRevoke } from './token.ts'

export const COMMANDS: readonly Command[] = [
  run,
  status, networks, peers, logs, metrics, start, stop, restart, call, txSubmit, txWatch, txParse, txFee, topics, topicsTail, topicsSend, share, fetch, supportBundle,
  buildSpec, keyGenerate, keyInspect, keyInsert, keyList, keyGenerateNodeKey, keyInspectNodeKey, exportBlocks, importBlocks, checkBlock, revert, exportState, importState, purgeChain, tokenAdd, tokenList, tokenRevoke, gateway, completion, manual, help,
]
