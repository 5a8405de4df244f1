/** Commands about blocks in the data of a network, while no node runs: `export-blocks`, `import-blocks`, `check-block`, `revert`. */
import { createReadStream } from 'node:fs'
import type { ChainSpec } from '../../chain/spec/schema.ts'
import { defineCommand } from '../definition/command.ts'
import { invalid } from '../definition/errors.ts'
import { CHAIN_FLAGS } from '../flags.ts'

const heightOf = (flag: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (/^\d{1,10}$/.test(text) && Number(text) <= 0xffff_ffff) return Number(text)
  throw invalid(`--${flag} takes the height of a block, not "${text}".`, flag)
}

export const exportBlocks = defineCommand({
  name: 'export-blocks',
  summary: 'write blocks to a file',
  description: "In the forms of Substrate's nodes: JSON, or SCALE with --binary. Interrupted or killed, it goes on when it is started again.",
  words: [{ name: 'output', optional: true, completes: 'file', help: 'the file; without it, standard output' }],
  flags: {
    ...CHAIN_FLAGS,
    from: { type: 'string', value: 'n', group: 'command', fallback: '1', help: 'height of the first block' },
    to: { type: 'string', value: 'n', group: 'command', fallback: 'the best one', help: 'height of the last one' },
    binary: { type: 'boolean', group: 'command', help: 'SCALE: smaller, and faster to read' },
  },
  examples: [['export-blocks --chain westend --binary westend.blocks', 'All blocks that are here, to be imported elsewhere.']],
  run: async ({ values, words: [path], installation, terminal }) => {
    const range = { from: heightOf('from', values.from) ?? 1, to: heightOf('to', values.to) }
    const [{ withOfflineChain }, { exportBlocks: write }] = await Promise.all([import('../offline-chain.ts'), import('../blocks/export.ts')])
    const done = await withOfflineChain(values, installation, ({ blocks }, signal) => write(blocks, { ...range, binary: values.binary === true, path }, terminal, signal))
    if (path !== undefined) terminal.result({ ...done, path }, `${done.blocks} blocks, ${done.from} to ${done.to}, in ${path}`)
    return undefined
  },
})

export const importBlocks = defineCommand({
  name: 'import-blocks',
  summary: 'import blocks from a file',
  description: 'Each block is checked and executed. What is here already is passed over: started again, it goes on.',
  words: [{ name: 'input', optional: true, completes: 'file', help: 'a file of export-blocks; without it, standard input' }],
  flags: {
    ...CHAIN_FLAGS,
    binary: { type: 'boolean', group: 'command', help: 'the file is SCALE (it is found out anyway)' },
    'force-sealing': { type: 'boolean', group: 'command', help: 'take sealed blocks on any network',
      detail: 'Blocks that were sealed on request (run --sealing) prove nothing; they are taken on development networks alone, unless this is said.' },
  },
  examples: [['import-blocks --chain westend westend.blocks', 'The blocks of another node.']],
  run: async ({ values, words: [path], installation, terminal }) => {
    const [{ withOfflineChain }, { importBlocks: read, peekSealing }, { readBlocks }, { CommandError }, { sealingOf }, { silentLogger }] = await Promise.all([
      import('../offline-chain.ts'), import('../blocks/import.ts'), import('../blocks/block-stream.ts'), import('../definition/errors.ts'), import('../../chain/node/sealing.ts'), import('../../base/logger.ts'),
    ])
    const input = path === undefined ? process.stdin : createReadStream(path, { highWaterMark: 1024 * 1024 })
    const { stream, isSealed } = await readBlocks(input as AsyncIterable<Uint8Array>).then(peekSealing).catch((error: unknown) => {
      if (error instanceof CommandError) throw error
      throw new CommandError('DATA_INVALID', `The file ${path ?? 'on standard input'} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, { hint: 'Name a file of export-blocks.' })
    })
    const forceSealing = values['force-sealing'] === true
    const sealed = isSealed ? (spec: ChainSpec): boolean => sealingOf(spec, { sealing: 'manual', finalizeDelaySec: undefined, forceSealing }, silentLogger) !== undefined : undefined
    const done = await withOfflineChain(values, installation, (chain, signal) => read(chain, stream, terminal, signal), { sealed })
    terminal.result(done, `${done.imported} blocks imported, ${done.known} were here. Best: ${done.best.number} ${done.best.hash}, finalized: ${done.finalized.number}`)
    return undefined
  },
})

export const checkBlock = defineCommand({
  name: 'check-block',
  summary: 'execute a block again, and compare',
  words: [{ name: 'block', help: 'hash or height of a block that is here' }],
  flags: CHAIN_FLAGS,
  examples: [['check-block --chain westend 1000', 'Block 1000, executed on the state of its parent.']],
  run: async ({ values, words: [block = ''], installation, terminal }) => {
    const [{ withOfflineChain }, { checkBlock: check }] = await Promise.all([import('../offline-chain.ts'), import('../blocks/check.ts')])
    const done = await withOfflineChain(values, installation, (chain) => check(chain, block))
    terminal.result(done, `Block ${done.number} ${done.hash} comes out as its header says, with ${done.extrinsics} extrinsics in ${done.ms} ms.`)
    return undefined
  },
})

export const revert = defineCommand({
  name: 'revert',
  summary: 'take back the newest blocks',
  description: 'At the most those that are not final. A node goes on from the block below.',
  words: [{ name: 'count', optional: true, help: 'how many blocks; without it, 256' }],
  flags: {
    ...CHAIN_FLAGS,
    yes: { type: 'boolean', short: 'y', group: 'command', help: 'do not ask' },
  },
  examples: [['revert --chain westend 10', 'The newest 10 blocks are removed; a node imports them again, or others.']],
  run: async ({ values, words: [text = '256'], installation, terminal }) => {
    if (!/^\d{1,10}$/.test(text)) throw invalid(`revert takes a number of blocks, not "${text}".`)
    const [{ withOfflineChain }, { revert: take }] = await Promise.all([import('../offline-chain.ts'), import('../blocks/revert.ts')])
    const done = await withOfflineChain(values, installation, (chain, _, { name }) => take(chain, Number(text), { yes: values.yes === true, network: name }, terminal))
    const { reverted, forks, best } = done
    terminal.result(done, reverted + forks === 0 ? `There is nothing to take back: block ${best.number} is the best one, and final.` : `${reverted} blocks were taken back${forks === 0 ? '' : `, and ${forks} of forks`}. Best: ${best.number} ${best.hash}`)
    return undefined
  },
})
