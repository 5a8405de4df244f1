/** Whether the guide is offered: to a person, at a first start, who has said nothing. Read at every start, so it is small. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Terminal } from '../terminal/terminal.ts'

export function wantsGuide(terminal: Pick<Terminal, 'isWholly'>, said: ReadonlySet<string>, basePath: string): boolean {
  return terminal.isWholly && said.size === 0 && !hasChain(basePath)
}

function hasChain(basePath: string): boolean {
  try {
    return readdirSync(join(basePath, 'chains')).length > 0
  } catch {
    return false
  }
}
