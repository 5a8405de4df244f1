/**
 * The runtime that the app carries, beside the one of 2021 that development networks had before (Rococo 9140): what an empty block costs
 * to build and to execute, in one thread, and how large the code is.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackPinned, type PinnedPackage } from '../../build/pinned-package.ts'
import { unpackCode } from '../../node-core/chain/runtime/code/code.ts'
import { parseChainSpec } from '../../node-core/chain/spec/load.ts'
import type { Header } from '../../node-core/chain/scale/header.ts'
import { buildDevBlock, encodeBlock } from '../helpers/dev-blocks.ts'
import { genesisRunner, specRunner, type GenesisRunner } from '../helpers/runtime-state.ts'
import type { Report } from './report.ts'

const OLD: PinnedPackage = {
  name: '@substrate/connect',
  version: '0.6.5',
  integrity: 'sha512-y/TLbIBo54SYE8LAZQHp0eSiU+WSsclLjzLhUUPtPOHL1u9g+C+uP9QvmZRRV9z4p9ELko6iJH7FF8ZqSRmuPw==',
}
const ROOT = join(import.meta.dirname, '../..')

const BLOCKS = 150
/** What the figures leave out: the engine is still optimizing. */
const WARM_UP = 100

interface Cost {
  readonly buildMs: number
  readonly executeMs: number
}

export async function benchOwnRuntime(report: Report): Promise<void> {
  const path = join(await unpackPinned(OLD, join(ROOT, '.cache/packages')), 'dist/connector/specs/rococo_v2_1.json')
  const [own, old] = [genesisRunner('dev'), specRunner(parseChainSpec(await readFile(path, 'utf8'), path))]
  const [ours, theirs] = [emptyBlocks(own), emptyBlocks(old)]
  report('empty block, executed: own runtime / Rococo 9140', ours.executeMs / theirs.executeMs, `${ours.executeMs.toFixed(2)} ms against ${theirs.executeMs.toFixed(2)} ms`)
  report('empty block, built: own runtime / Rococo 9140', ours.buildMs / theirs.buildMs, `${ours.buildMs.toFixed(2)} ms against ${theirs.buildMs.toFixed(2)} ms`)
  const [code, oldCode] = [unpackCode(own.code).length, unpackCode(old.code).length]
  report('Wasm: own runtime / Rococo 9140', code / oldCode, `${size(code)} (${size(own.code.length)} as it is shipped) against ${size(oldCode)} (${size(old.code.length)})`)
}

/** Medians over blocks with nothing but inherents. */
function emptyBlocks({ runner, nodes, genesis }: GenesisRunner): Cost {
  const built: number[] = []
  const executed: number[] = []
  let parent: Header = genesis.header
  for (let i = 0; i < BLOCKS + WARM_UP; i++) {
    let start = performance.now()
    const block = buildDevBlock(runner, parent, [])
    built.push(performance.now() - start)
    runner.settle()
    const encoded = encodeBlock(block.header, block.body)
    start = performance.now()
    runner.executeBlock(parent.stateRoot, encoded, block.header.stateRoot)
    executed.push(performance.now() - start)
    runner.settle()
    nodes.add(block.changes.nodes)
    parent = block.header
  }
  return { buildMs: median(built.slice(WARM_UP)), executeMs: median(executed.slice(WARM_UP)) }
}

function size(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
