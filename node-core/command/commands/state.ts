/** Commands about the state of a block: `export-state`, `import-state`. */
import { defineCommand } from '../definition/command.ts'
import { CHAIN_FLAGS } from '../flags.ts'

export const exportState = defineCommand({
  name: 'export-state',
  summary: 'write the state of a block to a file',
  description: "As Substrate's nodes do: a chain specification with that state as its genesis.",
  words: [
    { name: 'block', optional: true, help: 'hash or height; without it, the best block' },
    { name: 'output', optional: true, completes: 'file', help: 'the file; without it, standard output' },
  ],
  flags: CHAIN_FLAGS,
  examples: [['export-state --chain westend 1000 state.json', 'The state after block 1000.']],
  run: async ({ values, words: [block, path], installation, terminal }) => {
    const [{ withOfflineChain }, { exportState: write }] = await Promise.all([import('../offline-chain.ts'), import('../blocks/export-state.ts')])
    const done = await withOfflineChain(values, installation, (chain, signal, spec) => write(chain, spec, block, path, terminal, signal))
    if (path !== undefined) terminal.result({ ...done, path }, `The state of block ${done.number} ${done.hash}, ${done.entries} entries, in ${path}`)
    return undefined
  },
})

export const importState = defineCommand({
  name: 'import-state',
  summary: 'begin a fresh folder at the state of a block',
  description: 'From a file of export-state, of any size. The block is taken as final: use a file that you trust.',
  words: [{ name: 'file', completes: 'file', help: 'a file of export-state' }],
  flags: CHAIN_FLAGS,
  examples: [['import-state --chain westend -d ./new state.json', 'A node in that folder goes on from the block of the state.']],
  run: async ({ values, words: [path = ''], installation, terminal }) => {
    const [{ chainSpecOf }, { importState: read }, { silentLogger }] = await Promise.all([
      import('../chain-folder.ts'), import('../blocks/import-state.ts'), import('../../base/logger.ts'),
    ])
    const { spec, basePath } = await chainSpecOf(values, installation)
    const done = await read({ spec, basePath, source: path, installation, logger: silentLogger }, terminal)
    terminal.result(done, `The chain stands on block ${done.number} ${done.hash}; its state has ${done.entries} entries and the root ${done.stateRoot}.`)
    return undefined
  },
})
