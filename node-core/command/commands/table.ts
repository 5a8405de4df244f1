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
import { tokenAdd, tokenList, tokenRevoke } from './token.ts'

export const COMMANDS: readonly Command[] = [
  run, buildSpec, keyGenerate, keyInspect, keyInsert, keyList, keyGenerateNodeKey, keyInspectNodeKey, exportBlocks, importBlocks, checkBlock, revert, purgeChain, tokenAdd, tokenList, tokenRevoke, gateway, completion, manual, help,
]
